/*---
label: Login frequency
question: "Is the CRM part of the daily work?"
definition: Successful logins per active user and week.
unit: number
good: up
kind: activity
signal: leading
use: operating
journey: all
time: week_date
over_time: ratio
owner: crm_manager
refresh: daily
review: monthly CRM adoption review
thresholds: {warn: 3, act: 1}
action: Show the teams below the median what the others do daily in the CRM. Put one of their meetings on a CRM list.
needs: [user, user_login, user_login.logged_in_at, user_login.user_id]
edge_cases:
  - failed logins do not count
  - weeks in which a user was not active are left out
calculator: {logins: logins, is_active: active_user_weeks}
examples:
  - given: {logins: 40, active_user_weeks: 10}
    value: 4
---*/
select 1.0 * sum(logins) / nullif(sum(is_active), 0)
from user_weeks

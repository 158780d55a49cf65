/*---
label: User adoption rate
question: "Who works in the CRM?"
definition: "Licensed users who logged in, changed a record or logged an activity in the period, over users licensed in the period."
unit: percent
good: up
kind: activity
signal: leading
use: reporting
journey: all
time: week_date
over_time: ratio
owner: crm_manager
refresh: daily
review: monthly CRM adoption review
thresholds: {warn: 0.8, act: 0.6}
action: "Ask three users who stayed away what keeps them. Fix the first answer, and train their team."
needs: [user, user_login.logged_in_at | crm_action | activity | user.last_login_at]
edge_cases:
  - users without a licence are in neither side
  - a user is counted once however many weeks are in view
examples:
  - rows:
      - {user_id: a, is_licensed: 1, is_active_licensed: 1}
      - {user_id: a, is_licensed: 1, is_active_licensed: 0}
      - {user_id: b, is_licensed: 1, is_active_licensed: 0}
      - {user_id: c, is_licensed: 0, is_active_licensed: 0}
    value: 0.5
---*/
select
  1.0 * count(distinct case when is_active_licensed = 1 then user_id end)
  / nullif(count(distinct case when is_licensed = 1 then user_id end), 0)
from user_weeks

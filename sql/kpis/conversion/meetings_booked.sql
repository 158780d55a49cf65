/*---
label: Meetings booked
question: Do we book enough meetings?
definition: Meetings created in the period, whatever became of them.
unit: count
good: up
kind: activity
signal: leading
use: operating
journey: sale
time: created_date
over_time: sum
owner: sales_rep
refresh: daily
review: daily sales stand-up
thresholds: {of: change, warn: -0.1, act: -0.2}
action: Ask for a date at the end of every call this week. Compare the share of calls that end with one.
needs: [activity, activity.activity_type]
calculator: {is_meeting: meetings}
examples:
  - given: {meetings: 5}
    value: 5
edge_cases:
  - counted on the day they were booked, not held
  - deleted meetings are out
---*/
select coalesce(sum(is_meeting), 0)
from activities

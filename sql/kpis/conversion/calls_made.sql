/*---
label: Calls made
question: How many calls do we make?
definition: Completed outbound calls, by the day they took place.
unit: count
good: up
kind: activity
signal: leading
use: operating
journey: sale
time: activity_date
over_time: sum
owner: sales_rep
refresh: daily
review: daily sales stand-up
thresholds: {of: change, warn: -0.1, act: -0.2}
action: Block one hour for calls each morning this week. Begin with the deals without a next step.
needs: [activity, activity.direction, activity.activity_type, activity.status]
calculator: {is_call_made: calls}
examples:
  - given: {calls: 5}
    value: 5
edge_cases:
  - where no activity has a direction it is not known, and no zero
  - planned and cancelled calls are out
  - a call without a direction does not count
---*/
select case when count(*) > 0 then sum(is_call_made) else 0 end
from activities

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
needs: [activity, activity.direction]
calculator: {is_call_made: calls}
examples:
  - given: {calls: 5}
    value: 5
edge_cases:
  - planned and cancelled calls are out
  - a call without a direction does not count
---*/
select coalesce(sum(is_call_made), 0)
from activities

/*---
label: Follow-ups completed
question: Do we do what we promised?
definition: Follow-up tasks completed over follow-up tasks due, by due date; tasks and other activities with a due date.
unit: percent
good: up
kind: activity
signal: leading
use: operating
journey: sale
time: due_date
over_time: ratio
owner: sales_rep
refresh: daily
review: daily sales stand-up
thresholds: {warn: 0.85, act: 0.7}
action: Finish or move today whatever is due. Plan fewer tasks than last week if the rate stays under the threshold.
needs: [activity, activity.due_at]
calculator: {is_follow_up_done: completed, is_follow_up_due: due}
examples:
  - given: {completed: 15, due: 20}
    value: 0.75
edge_cases:
  - cancelled tasks are in neither side
  - a task that is not due yet counts only when it is done
---*/
select 1.0 * sum(is_follow_up_done) / nullif(sum(is_follow_up_due), 0)
from activities

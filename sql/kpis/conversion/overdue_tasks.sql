/*---
label: Overdue tasks
question: Which promises are overdue?
definition: Open tasks, and other open activities with a due date, whose due date lies before today.
unit: count
good: down
kind: activity
signal: leading
use: operating
journey: sale
time: due_date
over_time: sum
owner: sales_rep
refresh: daily
review: daily sales stand-up
thresholds: {warn: 10, act: 25}
action: Do it today, or agree a new date with the customer. Cancel what no longer matters.
needs: [activity, activity.due_at, activity.status]
calculator: {is_overdue: overdue}
examples:
  - given: {overdue: 3}
    value: 3
edge_cases:
  - due today is not overdue
  - completed and cancelled tasks are out
---*/
select coalesce(sum(is_overdue), 0)
from activities

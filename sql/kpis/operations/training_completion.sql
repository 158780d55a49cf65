/*---
label: Training completion
question: "Who has finished the training?"
definition: "Users who finished all the training assigned to them, over users assigned."
unit: percent
good: up
kind: activity
signal: leading
use: operating
journey: all
time: assigned_date
over_time: ratio
owner: crm_manager
refresh: daily
review: monthly CRM adoption review
thresholds: {warn: 0.9, act: 0.7}
action: Give the users on the list a date and an hour for it. Tell their managers the names that remain.
needs: [training_completion, training_completion.completed_at]
edge_cases:
  - a course taken again counts once
  - "by course: those who finished that course"
examples:
  - rows:
      - {user_id: a, is_unfinished: 0}
      - {user_id: b, is_unfinished: 0}
      - {user_id: b, is_unfinished: 1}
    value: 0.5
---*/
select
  1 - 1.0 * count(distinct case when is_unfinished = 1 then user_id end)
  / nullif(count(distinct user_id), 0)
from trainings

/*---
label: Open deals with a next step
question: Which open deals does nobody drive?
definition: Open deals with an open task or event dated today or later over all open deals.
unit: percent
good: up
kind: activity
signal: leading
use: operating
journey: sale
time: pipeline_date
over_time: ratio
owner: sales_manager
refresh: daily
review: daily sales stand-up
thresholds: {warn: 0.9, act: 0.75}
action: Give each deal on the list a dated next step today. Close what has none twice in a row.
needs: [opportunity, activity, activity.due_at | activity.scheduled_at | opportunity.next_activity_at]
calculator: {is_with_next_step: with_next_step, is_open: open}
examples:
  - given: {with_next_step: 40, open: 50}
    value: 0.8
edge_cases:
  - a task of yesterday is overdue, not a next step
  - a text in the field next step is no next step
  - closed deals are in neither side
  - no open deal gives no rate
---*/
select 1.0 * sum(is_with_next_step) / nullif(sum(is_open), 0)
from opportunities

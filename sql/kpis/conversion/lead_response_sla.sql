/*---
label: Lead response SLA
question: Are new leads answered in time?
definition: Leads answered within response_sla_minutes business minutes over leads whose SLA is due (answered, or unanswered past it by the last midnight).
unit: percent
good: up
kind: activity
signal: leading
use: operating
journey: qualification
time: created_date
over_time: ratio
owner: sales_manager
refresh: daily
review: weekly pipeline review
thresholds: {warn: 0.9, act: 0.8}
action: Answer the overdue leads first. Give the owner furthest below the target fewer leads until it is met.
needs: [lead, activity, activity.occurred_at | activity.completed_at | lead.first_response_at]
calculator: {is_sla_met: answered_in_time, is_sla_due: due}
examples:
  - given: {answered_in_time: 45, due: 50}
    value: 0.9
  - given: {answered_in_time: 0, due: 0}
    value: null
edge_cases:
  - "not yet due: in neither side"
  - overdue and unanswered is a miss
  - the day's unanswered leads are judged when the day is over
---*/
select 1.0 * sum(is_sla_met) / nullif(sum(is_sla_due), 0)
from leads

/*---
label: SLA compliance
question: "Do we keep our promises to customers?"
definition: "Tickets that missed neither the first response nor the resolution SLA, over tickets with such an SLA due; overdue and open is a miss, not yet due is in neither side."
unit: percent
good: up
kind: quality
signal: leading
use: operating
journey: retention
time: due_date
over_time: ratio
owner: support_manager
refresh: daily
review: weekly support review
thresholds: {warn: 0.95, act: 0.9}
action: "Clear the tickets over their SLA today, oldest first. If one priority misses twice in a row, change its staffing or its promise."
needs: [ticket, ticket_sla]
edge_cases:
  - not yet due is in neither side
  - overdue and open is a miss
  - cancelled SLAs are in neither side
  - "an SLA due today counts from tomorrow, when it is known to be missed"
  - "without a due moment its target is: in business hours where the policy says so"
  - "a ticket solved without a reply waits no longer: the solution is held against the SLA"
examples:
  - rows:
      - {ticket_id: a, is_counted: 1, is_due: 1, is_missed: 0}
      - {ticket_id: a, is_counted: 1, is_due: 1, is_missed: 1}
      - {ticket_id: b, is_counted: 1, is_due: 1, is_missed: 0}
      - {ticket_id: c, is_counted: 1, is_due: 0, is_missed: 0}
      - {ticket_id: b, is_counted: 0, is_due: 1, is_missed: 1}
    value: 0.5
---*/
select
  1 - 1.0 * count(distinct case when is_counted = 1 and is_missed = 1 then ticket_id end)
  / nullif(count(distinct case when is_counted = 1 and is_due = 1 then ticket_id end), 0)
from ticket_slas

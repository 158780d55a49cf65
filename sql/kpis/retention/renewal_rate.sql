/*---
label: Renewal rate
question: Do contracts get renewed?
definition: Contracts renewed, wholly or in part, over contracts that fell due in the period up to today. By value it is sum(arr_renewed_due) / sum(arr_due), where growth at renewal does not count.
unit: percent
good: up
kind: outcome
signal: lagging
use: reporting
journey: retention
time: due_date
over_time: ratio
owner: cs_manager
refresh: daily
review: monthly renewal review
thresholds: {warn: 0.90, act: 0.80}
action: Go through each contract that was not renewed. Start the renewals of the next quarter thirty days earlier where the reason was timing.
needs: [subscription, renewal | subscription.current_term_end]
examples:
  - rows: [{is_due: 1, is_renewed_due: 1}, {is_due: 1, is_renewed_due: 0}, {is_due: 0, is_renewed_due: 0}]
    value: 0.5
edge_cases:
  - early and late renewals fall in the period they were due
  - due and still open counts as not renewed until it is settled
  - nothing due gives no rate
---*/
select 1.0 * sum(is_renewed_due) / nullif(sum(is_due), 0)
from renewals

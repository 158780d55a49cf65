/*---
label: Sales cycle length
question: How long does it take to win a deal?
definition: Mean days from the first contact (the creation of the deal where none is known) to the close, of won deals, by close date.
unit: days
good: down
kind: outcome
signal: lagging
use: reporting
journey: sale
time: closed_date
over_time: ratio
owner: sales_manager
refresh: daily
review: weekly pipeline review
thresholds: {warn: 90, act: 120}
action: List the five longest cycles of the month and the stage they waited in. Remove the cause they share.
needs: [opportunity]
calculator: {cycle_days: closed - first_contact}
examples:
  - given: {first_contact: "2026-01-01", closed: "2026-07-01"}
    value: 181
  - given: {first_contact: "2024-01-01", closed: "2024-07-01"}
    value: 182
  - rows: [{cycle_days: 10}, {cycle_days: 30}, {cycle_days: null}]
    value: 20
edge_cases:
  - first contact is the earliest completed call, email, meeting, message or visit, or the creation of the lead
  - a contact after the close does not count
  - a negative cycle is a fault of the data and is left out
  - the median of cycle_days stands beside the mean
scorecard: {period: month}
---*/
select 1.0 * sum(cycle_days) / nullif(count(cycle_days), 0)
from opportunities

/*---
label: Upsell rate
question: How many customers buy more?
definition: Customers at the start whose MRR at the end is higher, over customers at the start. A filter picks one period type.
unit: percent
good: up
kind: outcome
signal: lagging
use: reporting
journey: retention
time: period_start
over_time: last
owner: cs_manager
refresh: daily
review: quarterly business review
thresholds: {warn: 0.1, act: 0.05}
action: Compare the rate by customer success manager. Let the best explain their approach and give the others three candidates each.
needs: [subscription]
calculator: {start_customers: customers, upgraded_customers: upgraded}
examples:
  - given: {customers: 5, upgraded: 1}
    value: 0.20
edge_cases:
  - an upgrade that a downgrade outweighs in the same period does not count
  - new customers never count
  - no customers at the start gives no rate
---*/
select 1.0 * sum(upgraded_customers) / nullif(sum(start_customers), 0)
from account_periods

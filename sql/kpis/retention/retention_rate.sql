/*---
label: Customer retention rate
question: Do customers stay?
definition: Customers at the end who were customers at the start, over customers at the start. A customer is an account with recurring revenue. A filter picks one period type; the thresholds are for trailing_year.
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
review: monthly executive review
thresholds: {warn: 0.90, act: 0.85}
action: List the customers lost by reason and segment. Agree on one remedy for the largest reason and its owner in this meeting.
needs: [subscription, subscription.ended_at | mrr_movement]
calculator: {start_customers: start, end_customers: '"end"', new_customers: new, reactivated_customers: "0"}
examples:
  - given: {start: 100, end: 110, new: 15}
    value: 0.95
edge_cases:
  - a customer who leaves and returns inside the period is retained
  - a customer who returns after the period in which they left is neither new nor retained
  - no customers at the start gives no rate
  - the running period counts to date
scorecard: {period: month, where: {period_type: trailing_year}}
---*/
select
  1.0 * (sum(end_customers) - sum(new_customers) - sum(reactivated_customers))
  / nullif(sum(start_customers), 0)
from account_periods

/*---
label: Customer growth
question: Does the number of customers grow?
definition: Accounts with recurring revenue at the end of the period; those at the start plus new and returned less lost.
unit: count
good: up
kind: outcome
signal: lagging
use: reporting
journey: retention
time: period_start
over_time: last
owner: ceo
refresh: daily
review: monthly executive review
thresholds: {of: change, warn: -0.1, act: -0.2}
action: Compare new with lost customers by segment. Where more leave than come, hold the acquisition budget there until the cause is known.
needs: [subscription]
edge_cases:
  - "a level: the last period counts, never a sum over periods"
  - a customer who comes and goes inside one period is not seen
---*/
select sum(end_customers)
from account_periods

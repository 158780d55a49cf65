/*---
label: Expansion revenue
question: How much do existing customers add?
definition: MRR added in the period by customers that had MRR at its start, each compared end with start. A filter picks one period type.
unit: money
good: up
kind: outcome
signal: lagging
use: reporting
journey: retention
time: period_start
over_time: sum
owner: cs_manager
refresh: daily
review: monthly executive review
thresholds: {of: change, warn: -0.1, act: -0.2}
action: Check how many upsell candidates were approached. Give each one left an owner and a date.
needs: [subscription]
edge_cases:
  - growth and loss of one customer inside a period are netted
  - MRR of returned customers is reactivation, not expansion
scorecard: {period: month, where: {period_type: month}}
---*/
select sum(expansion_mrr)
from account_periods

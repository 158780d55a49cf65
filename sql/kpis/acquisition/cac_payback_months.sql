/*---
label: CAC payback
question: When has a new customer earned back its cost?
definition: CAC over monthly recurring revenue per new customer times gross margin, both of the same period.
unit: months
good: down
kind: outcome
signal: lagging
use: reporting
journey: sale
time: month_date
over_time: ratio
owner: cfo
refresh: monthly
review: monthly executive review
thresholds: {warn: 18, act: 24}
action: Raise the entry price or cut the dearest channel. Decide which in this meeting.
needs: [marketing_spend, opportunity, subscription]
calculator: {acquisition_cost: cac, new_margin: mrr * margin}
examples:
  - given: {cac: 1200, mrr: 100, margin: 0.8}
    value: 15
edge_cases:
  - "no recurring revenue from new customers: null"
---*/
select 1.0 * sum(acquisition_cost) / nullif(sum(new_margin), 0)
from acquisition_months

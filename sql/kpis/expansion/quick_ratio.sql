/*---
label: Quick ratio
question: Does recurring revenue grow faster than it is lost?
definition: MRR gained (new, expansion, reactivation) over MRR lost (contraction, churn) in the period, the SaaS quick ratio. A filter picks one period type; the thresholds are for trailing_year.
unit: ratio
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
thresholds: {warn: 2, act: 1}
action: Compare lost with gained MRR by segment. Under 1 revenue shrinks, so move people from winning customers to keeping them where the most is lost.
needs: [subscription, subscription.ended_at | mrr_movement]
calculator: {new_mrr: new, expansion_mrr: expansion, reactivation_mrr: reactivation, contraction_mrr: contraction, churned_mrr: churned}
examples:
  - given: {new: 60, expansion: 30, reactivation: 10, contraction: 10, churned: 15}
    value: 4
  - given: {new: 60, expansion: 0, reactivation: 0, contraction: 0, churned: 0}
    value: null
edge_cases:
  - nothing lost gives no ratio, not an endless one
  - one movement per customer and period; growth and loss of one customer inside it are netted
  - a month swings where few customers leave, so a year is judged
  - exchange rates are those of today at both ends, so a currency is no gain
scorecard: {period: month, where: {period_type: trailing_year}}
---*/
select
  1.0 * (sum(new_mrr) + sum(expansion_mrr) + sum(reactivation_mrr))
  / nullif(sum(contraction_mrr) + sum(churned_mrr), 0)
from account_periods

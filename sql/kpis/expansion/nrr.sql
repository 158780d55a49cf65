/*---
label: Net revenue retention
question: Does revenue grow with the customers we have?
definition: MRR now of the customers at the start over their MRR then; churned customers count as 0, new ones never. A filter picks one period type; the thresholds are for trailing_year.
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
thresholds: {warn: 1.0, act: 0.95}
action: Compare expansion with contraction and churn by segment. Assign the ten largest upsell candidates and the ten largest risks to named people.
needs: [subscription, subscription.ended_at | mrr_movement]
calculator: {start_mrr: start, expansion_mrr: expansion, contraction_mrr: contraction, churned_mrr: churned, nrr_reactivation_mrr: "0"}
examples:
  - given: {start: 100, expansion: 20, contraction: 5, churned: 5}
    value: 1.10
edge_cases:
  - new customers never count
  - a returned customer counts only when the setting reactivation_in_nrr is 1
  - no MRR at the start gives no rate
  - exchange rates are those of today at both ends
scorecard: {period: month, where: {period_type: trailing_year}}
---*/
select
  1.0 * (
    sum(start_mrr) + sum(expansion_mrr) + sum(nrr_reactivation_mrr)
    - sum(contraction_mrr) - sum(churned_mrr)
  ) / nullif(sum(start_mrr), 0)
from account_periods

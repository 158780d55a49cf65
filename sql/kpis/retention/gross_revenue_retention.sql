/*---
label: Gross revenue retention
question: How much recurring revenue stays, before any growth?
definition: The sum over customers of the smaller of MRR now and MRR then, over MRR then; expansion never makes up for a loss elsewhere. A filter picks one period type; the thresholds are for trailing_year.
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
action: Split the loss into contraction and churn by segment. Put the five largest contractions on the agenda of their customer success managers.
needs: [subscription, subscription.ended_at | mrr_movement]
calculator: {start_mrr: start, contraction_mrr: contraction, churned_mrr: churned}
examples:
  - given: {start: 100, contraction: 5, churned: 5}
    value: 0.90
edge_cases:
  - never above 100 % because it is taken account by account, not from totals
  - new and returned customers never count
  - no MRR at the start gives no rate
---*/
select
  1.0 * (sum(start_mrr) - sum(contraction_mrr) - sum(churned_mrr)) / nullif(sum(start_mrr), 0)
from account_periods

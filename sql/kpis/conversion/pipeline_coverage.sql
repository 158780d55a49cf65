/*---
label: Pipeline coverage
question: Is there enough pipeline to reach the target?
definition: Open amount due in the period over what is still to be won in it (target less won amount).
unit: ratio
good: up
kind: outcome
signal: leading
use: operating
journey: sale
time: month_start
over_time: ratio
owner: sales_manager
refresh: daily
review: weekly pipeline review
thresholds: {warn: 3, act: 2}
action: Name the gap per rep. Start one source of new deals for whoever is under three times the rest of the target.
needs: [opportunity, opportunity.expected_close_date, quota, opportunity.amount, opportunity.status]
calculator: {open_due_amount: open, target_amount: target, won_amount: won}
examples:
  - given: {open: 300, target: 200, won: 100}
    value: 3
  - given: {open: 300, target: 100, won: 100}
    value: null
edge_cases:
  - a target that is met gives no ratio; target_status says met
  - months without a quota are left out
  - quotas of more than a month are spread evenly over their months
  - the quota of a team counts only where its members have none
scorecard: {period: now, where: {horizon: next 3 months}}
---*/
select 1.0 * sum(open_due_amount) / case when sum(target_amount) > sum(won_amount) then sum(target_amount) - sum(won_amount) end
from pipeline_periods

/*---
label: Target attainment
question: Who is on target?
definition: Won amount over target, of the months that have one.
unit: percent
good: up
kind: outcome
signal: lagging
use: operating
journey: sale
time: month_start
over_time: ratio
owner: sales_manager
refresh: daily
review: weekly pipeline review
thresholds: {warn: 0.9, act: 0.75}
action: Plan the rest of the period with each rep under the pace. Move deals or help where it cannot be reached alone.
needs: [opportunity, opportunity.amount, quota, opportunity.status]
calculator: {won_amount: won, target_amount: target}
examples:
  - given: {won: 80, target: 100}
    value: 0.8
edge_cases:
  - no target gives no rate
  - months without any quota are left out
  - what is won by somebody without a target counts for the team and the company
---*/
select 1.0 * sum(won_amount) / nullif(sum(target_amount), 0)
from pipeline_periods

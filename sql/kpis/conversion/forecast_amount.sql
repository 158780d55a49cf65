/*---
label: Sales forecast
question: What will this period bring?
definition: Won amount, commit in full, and the other open deals by the historical win rate of their stage, per period in which they close.
unit: money
good: up
kind: outcome
signal: leading
use: operating
journey: sale
time: period_start
over_time: sum
owner: sales_manager
refresh: daily
review: weekly forecast call
thresholds: {of: change, warn: -0.1, act: -0.2}
action: Go through the commit deals one by one. Name what must happen this week for each.
needs: [opportunity, opportunity.amount, opportunity.expected_close_date, opportunity.status]
calculator: {forecast_amount: won + commit + weighted}
examples:
  - given: {won: 300, commit: 200, weighted: 100}
    value: 600
edge_cases:
  - omitted deals count nothing; deals without a category count as pipeline
  - open deals due in a period that is over count nothing
  - best_case_amount takes best case in full, worst_case_amount only won and commit
  - a stage without closed deals takes the probability of the deal
---*/
select sum(forecast_amount)
from forecasts

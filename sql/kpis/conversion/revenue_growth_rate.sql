/*---
label: Revenue growth rate
question: Do we grow?
definition: Won amount less the won amount of the same months a year before, over the latter; the current month is compared with the same days of last year.
unit: percent
good: up
kind: outcome
signal: lagging
use: reporting
journey: sale
time: month_start
over_time: ratio
owner: cro
refresh: daily
review: monthly executive review
thresholds: {warn: 0.1, act: 0.0}
action: Split the change by segment and by new against existing customers. Decide which one segment gets the next budget.
needs: [opportunity, opportunity.amount]
calculator: {comparable_amount: revenue, prior_amount: before}
examples:
  - given: {revenue: 150000, before: 100000}
    value: 0.5
  - given: {revenue: 100, before: 0}
    value: null
edge_cases:
  - nothing won in the comparison period gives no rate
  - months whose comparison lies before the first won deal on record are left out
  - one reporting currency
scorecard: {period: month}
---*/
select 1.0 * (sum(comparable_amount) - sum(prior_amount)) / nullif(sum(prior_amount), 0)
from revenue_months

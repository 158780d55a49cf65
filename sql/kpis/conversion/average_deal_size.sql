/*---
label: Average deal size
question: How large is a deal that we win?
definition: Amount of won deals over their number, in the reporting currency, by close date; won deals without an amount are in neither side.
unit: money
good: up
kind: outcome
signal: lagging
use: reporting
journey: sale
time: closed_date
over_time: ratio
owner: sales_manager
refresh: daily
review: weekly pipeline review
thresholds: {of: change, warn: -0.1, act: -0.2}
action: Compare discount and product mix of the last ten wins with the quarter before. Agree with the reps which deals to size up.
needs: [opportunity, opportunity.amount]
calculator: {won_amount: amount, is_won_with_amount: sales}
examples:
  - given: {amount: 500000, sales: 100}
    value: 5000
  - rows: [{won_amount: 100, is_won_with_amount: 1}, {won_amount: null, is_won_with_amount: 0}]
    value: 100
edge_cases:
  - a missing amount is a fault of the data and in neither side
  - one reporting currency, at the rate of the close date
  - no won deal gives no size, not zero
---*/
select 1.0 * sum(won_amount) / nullif(sum(is_won_with_amount), 0)
from opportunities

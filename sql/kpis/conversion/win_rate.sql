/*---
label: Win rate
question: How often do we win?
definition: Won deals over won plus lost deals, by the date they were closed; open deals are in neither side.
unit: percent
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
thresholds: {warn: 0.25, act: 0.2}
action: Find the stage with the largest drop against last quarter. Coach the two reps furthest from the median there.
needs: [opportunity, opportunity.status]
calculator: {is_won: won, is_closed: won + lost}
examples:
  - given: {won: 50, lost: 150}
    value: 0.25
  - rows: [{is_won: 1, is_closed: 1}, {is_won: 0, is_closed: 1}, {is_won: 0, is_closed: 0}]
    value: 0.5
edge_cases:
  - open deals are in neither side
  - deleted and merged deals are out
  - won and lost come from the flags of the stage, never from its label
  - no closed deal gives no rate, not zero
  - by value it is won_amount over closed_amount of the same fact
scorecard: {period: month}
---*/
select 1.0 * sum(is_won) / nullif(sum(is_closed), 0)
from opportunities

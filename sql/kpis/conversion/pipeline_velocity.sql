/*---
label: Pipeline velocity
question: How fast does the pipeline turn into revenue?
definition: Open deals times win rate times average deal size over sales cycle days; open deals as of the month, the other three over the twelve months up to it.
unit: money per day
good: up
kind: outcome
signal: leading
use: reporting
journey: sale
time: month_start
over_time: last
owner: sales_manager
refresh: daily
review: monthly executive review
thresholds: {of: change, warn: -0.1, act: -0.2}
action: See which of the four factors fell. Hand it to the owner of that KPI with a date.
needs: [opportunity, opportunity.amount]
calculator: {open_deals: open, trailing_won: win_rate, trailing_closed: '1', trailing_won_amount: deal_size, trailing_sized: '1', trailing_cycle_days: cycle_days, trailing_cycles: '1'}
examples:
  - given: {open: 50, win_rate: 0.2, deal_size: 10000, cycle_days: 50}
    value: 2000
edge_cases:
  - a level, so the last month of the range counts
  - win rate, size and cycle come from the months set by velocity_months
  - no closed deal, or a cycle of zero days, gives no velocity
---*/
select
  1.0 * sum(open_deals)
  * sum(trailing_won) / nullif(sum(trailing_closed), 0)
  * sum(trailing_won_amount) / nullif(sum(trailing_sized), 0)
  * sum(trailing_cycles) / nullif(sum(trailing_cycle_days), 0)
from revenue_months

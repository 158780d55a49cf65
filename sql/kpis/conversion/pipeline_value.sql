/*---
label: Sales pipeline value
question: How large is the open pipeline, and does it grow?
definition: Sum of the amounts of open deals at the end of the month, of the current month as of today, with stage and amount as they stood then.
unit: money
good: up
kind: outcome
signal: leading
use: operating
journey: sale
time: month_start
over_time: last
owner: sales_manager
refresh: daily
review: weekly pipeline review
thresholds: {of: change, warn: -0.1, act: -0.2}
action: Split the change into new, won, lost and resized deals. Start one source of new deals where the drop is.
needs: [opportunity, opportunity.amount]
calculator: {amount: open}
examples:
  - given: {open: 1000}
    value: 1000
edge_cases:
  - a level, so the last month of the range counts, never a sum over months
  - deals of every forecast category count
  - past months need the history of stage and amount, else they show the amounts of now
  - weighted_amount is the same by the win rate of the stage
---*/
select sum(amount)
from pipeline_months

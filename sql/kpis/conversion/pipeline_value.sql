/*---
label: Sales pipeline value
question: How large is the open pipeline, and does it grow?
definition: "Sum of the amounts of open deals at the end of the month, of the current month as of today, with stage and amount as they stood then. Weighted by one rule for all months: the win rate of the stage; where no closed deal has come through it, the deals' own probability if the history tells it for every month, else the probability of the stage."
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
  - a deal whose history tells no probability in one month has the whole line weighted by stages, or the current month would fall or jump by the rule alone
---*/
select sum(amount)
from pipeline_months

/*---
label: Opportunities created
question: Do we start enough deals?
definition: Number of opportunities created in the period.
unit: count
good: up
kind: activity
signal: leading
use: operating
journey: sale
time: created_date
over_time: sum
owner: sales_manager
refresh: daily
review: weekly pipeline review
thresholds: {of: change, warn: -0.1, act: -0.2}
action: Compare with what the target needs at the present win rate. Ask marketing and the reps for the missing ones by source.
needs: [opportunity, opportunity.created_at]
edge_cases:
  - deleted deals are out; a merged deal counts once
---*/
select count(*)
from opportunities

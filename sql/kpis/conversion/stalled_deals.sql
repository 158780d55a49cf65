/*---
label: Stalled deals
question: Which deals stand still?
definition: Open deals longer in their stage than three quarters of the won deals were, or without any activity for more than stalled_days (14).
unit: count
good: down
kind: quality
signal: leading
use: operating
journey: sale
time: pipeline_date
over_time: sum
owner: sales_manager
refresh: daily
review: daily sales stand-up
thresholds: {warn: 10, act: 20}
action: Call the buyer of each listed deal this week. Agree a next step or close it.
needs: [opportunity, opportunity_history, stage, activity, opportunity.status]
calculator: {is_stalled: stalled}
examples:
  - given: {stalled: 4}
    value: 4
edge_cases:
  - a deal without any activity counts from its creation
  - a stage that no won deal has stood in has no usual length
---*/
select coalesce(sum(is_stalled), 0)
from opportunities

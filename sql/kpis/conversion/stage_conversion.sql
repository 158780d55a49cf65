/*---
label: Stage conversion
question: Where do customers get stuck?
definition: Deals that came further than the stage over deals that entered it, by the date of entry; deals still open in it are left out until they advance or close.
unit: percent
good: up
kind: outcome
signal: leading
use: reporting
journey: sale
time: entered_date
over_time: ratio
owner: sales_manager
refresh: daily
review: weekly pipeline review
thresholds: {warn: 0.4, act: 0.25}
action: Listen to three calls of deals lost in the weakest stage. Change its exit criteria or its material this week.
needs: [opportunity, opportunity_history, stage, opportunity.status]
calculator: {is_mature: entered, is_advanced: advanced}
examples:
  - given: {entered: 100, advanced: 40}
    value: 0.4
edge_cases:
  - a skipped stage counts as passed
  - going back and forward again counts once
  - deals still open are in progress (is_in_progress) and not in the rate
  - the won stage is the last step and has no rate of its own
  - deals without any recorded stay in an open stage are out
---*/
select 1.0 * sum(is_advanced) / nullif(sum(is_mature), 0)
from opportunity_stages

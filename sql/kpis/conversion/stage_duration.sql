/*---
label: Length of each pipeline stage
question: Which stage takes the longest?
definition: Mean days a deal stood in a stage, all stays added up, by the date it entered the stage; open stays count to today.
unit: days
good: down
kind: quality
signal: leading
use: operating
journey: sale
time: entered_date
over_time: ratio
owner: sales_manager
refresh: daily
review: weekly pipeline review
thresholds: {warn: 30, act: 45}
action: Take the stage that grew most. Agree with its reps on a longest stay and on what ends it.
needs: [opportunity, opportunity_history, stage]
calculator: {days_in_stage: days}
examples:
  - given: {days: 12}
    value: 12
  - rows: [{days_in_stage: 10}, {days_in_stage: 20}, {days_in_stage: null}]
    value: 15
edge_cases:
  - several stays in one stage add up
  - an open stay counts to today and is flagged (is_current)
  - a skipped stage has no duration, not zero
  - the median of days_in_stage stands beside the mean
---*/
select 1.0 * sum(days_in_stage) / nullif(count(days_in_stage), 0)
from opportunity_stages

/*---
label: Deals in a wrong stage
question: Which deals are in a wrong stage?
definition: Deals that are open past their expected close date, won without an amount, lost without a reason, or in a stage that is not of their pipeline, over all deals.
unit: percent
good: down
kind: quality
signal: leading
use: operating
journey: sale
time: pipeline_date
over_time: ratio
owner: revops
refresh: daily
review: weekly data quality review
thresholds: {warn: 0.05, act: 0.1}
action: Send each owner their list on Monday. Make the field that fails most often mandatory.
needs: [opportunity, stage, opportunity.expected_close_date, opportunity.loss_reason, opportunity.stage_id]
examples:
  - rows: [{is_wrong_stage: 1}, {is_wrong_stage: 0}, {is_wrong_stage: 0}, {is_wrong_stage: 0}]
    value: 0.25
edge_cases:
  - a deal with several faults counts once
  - an amount of zero on a won deal is no amount
  - due today is not past
---*/
select 1.0 * sum(is_wrong_stage) / nullif(count(*), 0)
from opportunities

/*---
label: Stage benchmarks
grain: one row per stage that a deal with history has entered or passed over
key: [stage_id]
time: first_entered_date
needs: [opportunity, opportunity_history, stage]
dimensions: {pipeline: Pipeline, stage: Stage}
columns: {stage_order: Step, closed_deals: Closed deals, win_rate: Win rate from here, won_days_p75: Days in stage of won deals (p75)}
questions: ["How likely is a deal in this stage to be won?", "How long does a won deal stay here?"]
---*/
select
  stage_id,
  pipeline,
  stage,
  stage_order,
  min(entered_date) as first_entered_date,
  sum(is_closed) as closed_deals,
  1.0 * sum(is_won) / nullif(sum(is_closed), 0) as win_rate,
  cast(
    percentile_cont(0.75) within group (order by case when is_won = 1 then days_in_stage end) as double
  ) as won_days_p75
from opportunity_stages
group by stage_id, pipeline, stage, stage_order

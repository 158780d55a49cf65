/*---
label: Deal predictions
grain: one row per opportunity
time: pipeline_date
needs: [opportunity, opportunity_history, stage]
opens: {opportunity_id: opportunity}
dimensions: {owner: Owner, team: Team, region: Region, segment: Segment, lead_source: Lead source, pipeline: Pipeline, scored_stage: Stage, opportunity_type: Type, deal_size: Deal size, status: Status, basis: Rate of, calibration_band: Predicted, method: Method}
columns: {opportunity_name: Opportunity, account_name: Account, amount: Amount, pipeline_date: Closed or today, expected_close_date: Expected close, predicted_rate: Probability, cases: Past deals behind it, reasons: Reasons, next_action: Next action}
measures:
  expected_wins: {label: Expected wins, unit: number, sql: sum(open_rate)}
  expected_value: {label: Expected value, unit: money, sql: sum(open_rate * amount)}
  unpredicted_deals: {label: Open deals with too little history, unit: count, sql: "coalesce(sum(is_open) - sum(is_open_rated), 0)"}
  predicted_mean: {label: Predicted for closed deals, unit: percent, sql: "1.0 * sum(tested_rate) / nullif(sum(is_tested), 0)"}
  actual_rate: {label: Won, unit: percent, sql: "1.0 * sum(tested_wins) / nullif(sum(is_tested), 0)"}
  tested_deals: {label: Closed deals with a prediction, unit: count, sql: "coalesce(sum(is_tested), 0)"}
questions: ["Which open deals will be won, and why?", "Are deals won as predicted?"]
---*/
-- Calibration here is at the first stage of the pipeline; stage by stage it is in deal_odds.
select
  o.opportunity_id, o.opportunity_name, o.account_name, o.owner, o.team, o.region, o.segment,
  o.lead_source, o.pipeline, o.opportunity_type, o.deal_size, o.status, o.amount, o.pipeline_date,
  o.expected_close_date,
  coalesce(d.stage, '(none)') as scored_stage,
  'rate of deals alike' as method,
  coalesce(d.basis, '(none)') as basis,
  d.predicted_rate,
  d.cases,
  coalesce(d.reasons, 'no stage history') as reasons,
  coalesce(d.calibration_band, '(none)') as calibration_band,
  o.is_open,
  case when o.is_open = 1 and d.predicted_rate is not null then 1 else 0 end as is_open_rated,
  case when o.is_open = 1 then d.predicted_rate end as open_rate,
  coalesce(d.is_tested, 0) as is_tested,
  d.tested_rate,
  coalesce(d.tested_wins, 0) as tested_wins,
  o.next_action
from opportunities as o
left join deal_odds as d on d.opportunity_id = o.opportunity_id and d.is_scored_here = 1

/*---
label: Opportunity progress
grain: one row per opportunity
key: [opportunity_id]
time: stage_since_date
needs: [opportunity, stage]
opens: {opportunity_id: opportunity}
dimensions: {last_stage: Last open stage}
columns: {days_in_stage: Days in stage, usual_days: Days in stage of won deals (p75), win_probability: Win probability}
settings:
  proposal_stages: {default: [proposal, proposal made, proposal sent, proposal/price quote, proposal/quote, propose, proposition, quote, quote sent], about: lower-case names of the stages in which a proposal has been made}
questions: ["How far did the deal come?", "Is it longer in its stage than deals that were won?"]
---*/
with today as (
  select day_no as today_no from calendar where days_ago = 0
),
stage_count as (
  select count(*) as stages from stage
),
proposal_pipelines as (
  select pipeline_id, min(display_order) as proposal_order
  from stage
  where lower(name) in $proposal_stages
  group by pipeline_id
),
paths as (
  select
    opportunity_id,
    max(case when is_current = 1 then days_in_stage end) as current_days,
    max(case when is_last_stage = 1 then stage end) as last_open_stage,
    max(case when is_final_step = 0 then stage_order end) as furthest_order
  from opportunity_stages
  group by opportunity_id
),
deals as (
  select
    o.id as opportunity_id,
    o.status,
    o.stage_id,
    o.probability,
    o.pipeline_id as own_pipeline_id,
    s.id as known_stage_id,
    s.name as stage,
    case when s.is_closed then null else s.display_order end as current_order,
    s.probability as stage_probability,
    s.pipeline_id as stage_pipeline_id,
    coalesce(s.pipeline_id, o.pipeline_id) as pipeline_id,
    coalesce(o.stage_entered_date, o.created_date) as stage_since_date
  from opportunity as o
  left join stage as s on s.id = o.stage_id
)
select
  d.opportunity_id,
  d.pipeline_id,
  d.stage_since_date,
  coalesce(h.last_open_stage, case when d.status = 'open' then d.stage end, '(unknown)') as last_stage,
  case
    when d.status = 'open' then coalesce(h.current_days, cast(t.today_no - c.day_no as double))
  end as days_in_stage,
  b.won_days_p75 as usual_days,
  coalesce(b.win_rate, d.probability, d.stage_probability) as win_probability,
  case when p.pipeline_id is null then 0 else 1 end as is_with_proposal_stage,
  case
    when p.pipeline_id is null then 0
    when d.status = 'won' then 1
    when h.furthest_order >= p.proposal_order or d.current_order >= p.proposal_order then 1
    else 0
  end as is_past_proposal,
  case
    when n.stages > 0 and d.known_stage_id is null then 1
    when d.stage_pipeline_id <> d.own_pipeline_id then 1
    else 0
  end as is_stage_out_of_pipeline
from deals as d
cross join today as t
cross join stage_count as n
left join paths as h on h.opportunity_id = d.opportunity_id
left join stage_benchmarks as b on b.stage_id = d.stage_id
left join proposal_pipelines as p on p.pipeline_id = d.pipeline_id
left join calendar as c on c.date_day = d.stage_since_date

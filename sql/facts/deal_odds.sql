/*---
label: Deal odds
grain: one row per opportunity and open stage that it came to or passed over
time: entered_date
needs: [opportunity, opportunity_history, stage]
opens: {opportunity_id: opportunity}
dimensions: {pipeline: Pipeline, stage: Stage, opportunity_type: Type, deal_size: Deal size, basis: Rate of, calibration_band: Predicted}
columns: {opportunity_name: Opportunity, entered_date: Entered, predicted_rate: Probability, cases: Past deals behind it, reasons: Reasons}
measures:
  predicted_mean: {label: Predicted for closed deals, unit: percent, sql: "1.0 * sum(tested_rate) / nullif(sum(is_tested), 0)"}
  actual_rate: {label: Won, unit: percent, sql: "1.0 * sum(tested_wins) / nullif(sum(is_tested), 0)"}
  tested_deals: {label: Closed deals with a prediction, unit: count, sql: "coalesce(sum(is_tested), 0)"}
settings:
  deal_min_cases: {default: 20, about: 'closed deals of a kind from which their win rate is a prediction, at least 1'}
questions: ["How likely was a deal in this stage to be won, and was it?"]
---*/
-- The win rate of closed deals that came to the same stage: of the same type and size, else of the
-- same type, else all of them. A closed deal is left out of its own rate.
-- An open deal without history stands in its current stage and nowhere else.
with points as (
  select s.opportunity_id, s.stage_id, s.stage, s.stage_order, s.entered_date, s.is_last_stage
  from opportunity_stages as s
  where s.is_final_step = 0
  union all
  select
    o.id as opportunity_id, s.id as stage_id, s.name as stage, s.display_order as stage_order,
    coalesce(o.stage_entered_date, o.created_date) as entered_date, 1 as is_last_stage
  from opportunity as o
  inner join stage as s on s.id = o.stage_id
  where o.status = 'open' and not s.is_closed
    and not exists (select 1 from opportunity_stages as x where x.opportunity_id = o.id)
),
placed as (
  select
    p.*,
    row_number() over (
      partition by p.opportunity_id order by p.stage_order desc, p.is_last_stage desc, p.stage_id
    ) as from_furthest,
    row_number() over (partition by p.opportunity_id order by p.stage_order, p.stage_id) as from_first
  from points as p
),
deals as (
  select
    p.*, o.opportunity_name, o.pipeline, o.opportunity_type, o.deal_size, o.is_open, o.is_closed,
    o.is_won
  from placed as p
  inner join opportunities as o on o.opportunity_id = p.opportunity_id
),
counted as (
  select
    d.*,
    sum(d.is_closed) over (partition by d.stage_id) - d.is_closed as stage_cases,
    sum(d.is_won) over (partition by d.stage_id) - d.is_won as stage_wins,
    sum(d.is_closed) over (partition by d.stage_id, d.opportunity_type) - d.is_closed as type_cases,
    sum(d.is_won) over (partition by d.stage_id, d.opportunity_type) - d.is_won as type_wins,
    sum(d.is_closed) over (partition by d.stage_id, d.opportunity_type, d.deal_size) - d.is_closed
      as size_cases,
    sum(d.is_won) over (partition by d.stage_id, d.opportunity_type, d.deal_size) - d.is_won
      as size_wins
  from deals as d
),
leveled as (
  select
    c.*,
    case
      when c.size_cases >= $deal_min_cases then 3
      when c.type_cases >= $deal_min_cases then 2
      when c.stage_cases >= $deal_min_cases then 1
      else 0
    end as depth
  from counted as c
),
chosen as (
  select
    e.*,
    case e.depth
      when 3 then e.size_cases when 2 then e.type_cases when 1 then e.stage_cases
    end as cases,
    case e.depth when 3 then e.size_wins when 2 then e.type_wins when 1 then e.stage_wins end as wins
  from leveled as e
),
rated as (  -- deals of one kind share a band, whichever of them is left out
  select
    f.*,
    cast(f.wins as double) / nullif(f.cases, 0) as predicted_rate,
    cast(f.wins + f.is_won as double) / nullif(f.cases + f.is_closed, 0) as kind_rate,
    case when f.is_closed = 1 and f.cases > 0 then 1 else 0 end as is_tested
  from chosen as f
)
select
  r.opportunity_id, r.opportunity_name, r.stage_id, r.pipeline, r.stage, r.stage_order,
  r.opportunity_type, r.deal_size, r.entered_date,
  case r.depth
    when 3 then 'stage, type and size' when 2 then 'stage and type' when 1 then 'stage'
    else '(none)'
  end as basis,
  r.predicted_rate,
  r.cases,
  case
    when r.depth = 0 then 'too little history'
    else crm_say(
        'stage {1} {2} % of {3}', r.stage,
        cast(cast(floor(100.0 * r.stage_wins / nullif(r.stage_cases, 0) + 0.5) as int) as varchar),
        cast(r.stage_cases as varchar)
      )
      || case when r.depth > 1 then '; ' || crm_say(
        'type {1} {2} % of {3}', r.opportunity_type,
        cast(cast(floor(100.0 * r.type_wins / nullif(r.type_cases, 0) + 0.5) as int) as varchar),
        cast(r.type_cases as varchar)
      ) else '' end
      || case when r.depth > 2 then '; ' || crm_say(
        'size {1} {2} % of {3}', r.deal_size,
        cast(cast(floor(100.0 * r.size_wins / nullif(r.size_cases, 0) + 0.5) as int) as varchar),
        cast(r.size_cases as varchar)
      ) else '' end
  end as reasons,
  case
    when r.kind_rate is null then '(none)' when r.kind_rate < 0.1 then '00-10 %'
    when r.kind_rate >= 0.9 then '90-100 %'
    else cast(10 * cast(floor(10 * r.kind_rate) as int) as varchar) || '-'
      || cast(10 * cast(floor(10 * r.kind_rate) as int) + 10 as varchar) || ' %'
  end as calibration_band,
  -- an open deal is scored at the furthest stage, a closed one at the first: how far it came is known
  -- only with hindsight
  case when r.is_open = 1 and r.from_furthest = 1 then 1
    when r.is_open = 0 and r.from_first = 1 then 1 else 0 end as is_scored_here,
  r.is_tested,
  case when r.is_tested = 1 then r.predicted_rate end as tested_rate,
  r.is_tested * r.is_won as tested_wins
from rated as r

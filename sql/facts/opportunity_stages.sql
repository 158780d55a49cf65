/*---
label: Opportunity stages
grain: one row per opportunity and stage of its pipeline that it entered or passed over
time: entered_date
needs: [opportunity, opportunity_history, stage]
opens: {opportunity_id: opportunity}
dimensions: {owner: Owner, team: Team, region: Region, segment: Segment, lead_source: Lead source, pipeline: Pipeline, stage: Stage, step: Step, opportunity_type: Type, status: Status}
columns: {opportunity_name: Opportunity, account_name: Account, stage_order: Step number, days_in_stage: Days in stage, advanced_date: Advanced on}
measures:
  deals: {label: Deals that came this far, unit: count, sql: count(*)}
questions: ["Where do customers get stuck?", "How long does a deal stay in each stage?"]
---*/
-- Only deals with a recorded stay in an open stage. A stage is entered on the day the deal first stood
-- there or further on: a skipped one is passed, going back and forth counts once. Won is the last.
-- Inferred history tells the stage a deal is in, and no other: what was passed is not known of the
-- deals that ended, so it would tell of successes only.
with today as (
  select day_no as today_no from calendar where days_ago = 0
),
steps as (
  select
    s.id as stage_id, s.pipeline_id, s.name as stage, s.is_active,
    case when s.is_won then 1 else 0 end as is_won_step,
    case
      when s.is_won then 1 + coalesce(max(case when s.is_closed then null else s.display_order end)
        over (partition by s.pipeline_id), 0)
      else s.display_order
    end as stage_order
  from stage as s
  where s.is_won or not s.is_closed
),
deals as (
  select
    o.id as opportunity_id,
    o.name as opportunity_name,
    o.status,
    o.stage_id as current_stage_id,
    coalesce(s.pipeline_id, o.pipeline_id) as pipeline_id,
    o.account_id, o.owner_id,
    coalesce(o.lead_source, '(none)') as lead_source,
    coalesce(o.opportunity_type, '(none)') as opportunity_type,
    o.closed_epoch,
    coalesce(o.closed_date, o.expected_close_date) as closed_date
  from opportunity as o
  left join stage as s on s.id = o.stage_id
),
history as (
  select
    *, case when field = 'stage' then 1 else 0 end as is_stage,
    case when valid_to <= changed_at then 0 else 1 end as is_standing
  from opportunity_history
  where stage_id is not null and changed_epoch is not null
),
compared as (  -- at one moment what ends there comes first, and the stage after the other fields
  select
    *, lag(stage_id) over (
      partition by opportunity_id order by changed_at, is_standing, is_stage, id
    ) as stage_before
  from history
),
changes as (
  select
    h.opportunity_id, h.stage_id, h.changed_date, h.changed_epoch,
    case when h.is_reconstructed then 0 else 1 end as is_recorded,
    lead(h.changed_epoch)
      over (partition by h.opportunity_id order by h.changed_at, h.is_standing, h.is_stage, h.id) as next_epoch,
    row_number() over (partition by h.opportunity_id
      order by h.changed_at desc, h.is_standing desc, h.is_stage desc, h.id desc) as from_last
  from compared as h
  where h.stage_before is null or h.stage_before <> h.stage_id
),
stays as (
  select
    d.opportunity_id, p.stage_id, p.stage_order,
    min(c.changed_date) as first_date,
    min(c.from_last) as recency,
    max(c.is_recorded) as has_record,
    cast(sum(
      case
        when c.from_last > 1 then (c.next_epoch - c.changed_epoch) / 86400.0
        when d.status = 'open' then 1.0 * (t.today_no - f.day_no)
        when d.closed_epoch >= c.changed_epoch then (d.closed_epoch - c.changed_epoch) / 86400.0
      end
    ) as double) as days
  from changes as c
  inner join deals as d on d.opportunity_id = c.opportunity_id
  inner join steps as p on p.stage_id = c.stage_id and p.pipeline_id = d.pipeline_id and p.is_won_step = 0
  cross join today as t
  left join calendar as f on f.date_day = c.changed_date
  group by d.opportunity_id, p.stage_id, p.stage_order
),
last_stays as (
  select opportunity_id, min(recency) as last_recency, max(has_record) as is_recorded
  from stays
  group by opportunity_id
),
visits as (
  select opportunity_id, stage_id, stage_order, first_date, recency, days from stays
  union all
  select
    d.opportunity_id, p.stage_id, p.stage_order,
    d.closed_date as first_date, cast(null as bigint) as recency, cast(null as double) as days
  from deals as d
  inner join last_stays as l on l.opportunity_id = d.opportunity_id
  inner join steps as p on p.stage_id = d.current_stage_id and p.is_won_step = 1
  where d.status = 'won'
),
reached as (
  select
    d.opportunity_id, p.stage_id,
    max(case when v.stage_order >= p.stage_order then 1 else 0 end) as is_reached,
    max(case when v.stage_order > p.stage_order then 1 else 0 end) as is_passed,
    max(case when v.stage_id = p.stage_id then 1 else 0 end) as is_visited,
    min(case when v.stage_order >= p.stage_order then v.first_date end) as entered_date,
    min(case when v.stage_order > p.stage_order then v.first_date end) as advanced_date,
    sum(case when v.stage_id = p.stage_id then v.days end) as days_in_stage,
    min(case when v.stage_id = p.stage_id then v.recency end) as last_recency
  from deals as d
  inner join visits as v on v.opportunity_id = d.opportunity_id
  inner join steps as p on p.pipeline_id = d.pipeline_id
  group by d.opportunity_id, p.stage_id
)
select
  r.opportunity_id,
  r.stage_id,
  d.opportunity_name,
  d.status, p.stage, p.stage_order,
  case when p.stage_order < 10 then '0' else '' end || cast(p.stage_order as varchar) || ' ' || p.stage as step,
  coalesce(i.name, '(none)') as pipeline,
  coalesce(u.name, '(none)') as owner,
  coalesce(m.name, '(none)') as team,
  coalesce(a.name, '(none)') as account_name,
  coalesce(a.region, '(none)') as region,
  coalesce(a.segment, '(none)') as segment,
  d.lead_source,
  d.opportunity_type,
  r.entered_date,
  r.advanced_date,
  r.days_in_stage,
  1 - r.is_visited as is_skipped,
  case when d.status = 'open' and r.stage_id = d.current_stage_id then 1 else 0 end as is_current,
  case when l.last_recency = r.last_recency then 1 else 0 end as is_last_stage,
  case when d.status = 'won' then 1 else 0 end as is_won,
  case when d.status in ('won', 'lost') then 1 else 0 end as is_closed,
  p.is_won_step as is_final_step,
  case when p.is_won_step = 0 then 1 else 0 end as is_entered,
  case when p.is_won_step = 0 and r.is_passed = 0 and d.status = 'open' then 1 else 0 end as is_in_progress,
  case when p.is_won_step = 0 and (r.is_passed = 1 or d.status <> 'open') then 1 else 0 end as is_mature,
  case when p.is_won_step = 0 and r.is_passed = 1 then 1 else 0 end as is_advanced
from reached as r
inner join deals as d on d.opportunity_id = r.opportunity_id
inner join steps as p on p.stage_id = r.stage_id
inner join last_stays as l on l.opportunity_id = r.opportunity_id
left join pipeline as i on i.id = d.pipeline_id
left join "user" as u on u.id = d.owner_id
left join team as m on m.id = u.team_id
left join account as a on a.id = d.account_id
where r.is_reached = 1 and (r.is_visited = 1 or (p.is_active and l.is_recorded = 1))

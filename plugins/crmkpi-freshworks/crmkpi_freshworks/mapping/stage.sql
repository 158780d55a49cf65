/*---
derived_without: [deal_pipeline, deal_stage]
---*/
-- Stages of the list of pipelines, and those that deals are in. What is won and lost is settled as in
-- opportunity.sql. Without the list a stage has no name, and open stages stand in order of their ids.
with views as (
  select o.*, 'open' as view_name from open_deal as o
  union all
  select w.*, 'won' as view_name from won_deal as w
  union all
  select l.*, 'lost' as view_name from lost_deal as l
),
spread as (
  select id, count(distinct view_name) as view_count from views where id is not null group by id
),
all_views as (
  select count(distinct view_name) as view_count from views
),
trust as (
  select
    case
      when max(a.view_count) > 1
        and sum(case when s.view_count > 1 then 1 else 0 end) * 2 < count(*) then 1
      else 0
    end as by_view
  from spread as s
  cross join all_views as a
),
ranked as (
  select
    v.*,
    row_number() over (
      partition by v.id
      order by v.updated_at desc, case when v.is_deleted then 0 else 1 end, v.view_name desc, v.name
    ) as place
  from views as v
  where v.id is not null
),
judged as (
  select
    r.*,
    case
      when t.by_view = 1 then r.view_name
      when r.closed_date is null then 'open'
      when r.probability >= 100 then 'won'
      else 'lost'
    end as seems
  from ranked as r
  cross join trust as t
  where r.place = 1
),
placed as (
  select j.*, coalesce(nullif(trim(j.deal_stage_id), ''), '(none)/' || j.seems) as stage_id
  from judged as j
),
votes as (
  select
    p.stage_id,
    min(p.deal_pipeline_id) as pipeline_id,
    sum(case when p.seems = 'won' then 1 else 0 end) as won_count,
    sum(case when p.seems = 'lost' then 1 else 0 end) as lost_count,
    sum(case when p.seems = 'open' then 1 else 0 end) as open_count
  from placed as p
  group by p.stage_id
),
listed as (
  select
    d.id,
    min(d.deal_pipeline_id) as pipeline_id,
    min(nullif(trim(d.name), '')) as name,
    min(d.position) as position,
    min(d.probability) as probability,
    max(case
      when lower(d.forecast_type) like '%won%' then 'won'
      when lower(d.forecast_type) like '%lost%' then 'lost'
      when nullif(trim(d.forecast_type), '') is not null then 'open'
    end) as outcome
  from deal_stage as d
  where d.id is not null
  group by d.id
),
ids as (
  select id from listed
  union
  select stage_id as id from votes
),
stages as (
  select
    i.id,
    coalesce(nullif(trim(l.pipeline_id), ''), nullif(trim(v.pipeline_id), ''), '(none)')
      as pipeline_id,
    coalesce(l.name, 'Stage ' || i.id) as name,
    l.position,
    l.probability,
    coalesce(l.outcome, case
      when v.won_count > v.lost_count and v.won_count > v.open_count then 'won'
      when v.lost_count >= v.won_count and v.lost_count > v.open_count then 'lost'
      else 'open'
    end) as outcome
  from ids as i
  left join listed as l on l.id = i.id
  left join votes as v on v.stage_id = i.id
)
select
  s.id,
  s.pipeline_id,
  s.name,
  'opportunity' as object_type,
  coalesce(s.position, case s.outcome when 'won' then 998 when 'lost' then 999 else
    row_number() over (partition by s.pipeline_id order by length(s.id), s.id)
  end) as display_order,
  case when s.probability between 0 and 100 then s.probability / 100.0 end as probability,
  s.outcome <> 'open' as is_closed,
  s.outcome = 'won' as is_won,
  true as is_active
from stages as s

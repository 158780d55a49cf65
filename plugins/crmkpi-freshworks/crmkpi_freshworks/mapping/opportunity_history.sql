/*---
derived_without: [deal_history]
---*/
-- Freshsales keeps no history that Airbyte reads (there is no table deal_history): one row per deal,
-- that it came into its present stage when this last changed. Ids of stages are those of
-- opportunity.sql.
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
codes as (
  select x.id, min(upper(nullif(trim(x.currency_code), ''))) as code from currency as x group by x.id
),
dated as (
  select
    p.*,
    case
      when p.stage_updated_time < p.created_at then p.created_at
      else coalesce(p.stage_updated_time, p.created_at)
    end as changed_at
  from placed as p
)
select
  d.id || '/now' as id,
  d.changed_at as created_at,
  coalesce(d.is_deleted, false) as is_deleted,
  d.id as opportunity_id,
  d.changed_at,
  'stage' as field,
  d.stage_id as new_value,
  d.stage_id,
  case when c.code is not null then d.amount else coalesce(d.base_currency_amount, d.amount) end
    as amount,
  d.expected_close as expected_close_date,
  case when d.probability between 0 and 100 then d.probability / 100.0 end as probability,
  true as is_reconstructed
from dated as d
left join codes as c on c.id = d.currency_id
where d.changed_at is not null

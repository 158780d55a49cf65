-- A deal that is won or lost keeps the stage it was in, so each pipeline gets two stages more,
-- `<pipeline>/won` and `<pipeline>/lost`. Stages that only deals or their changes know (deleted ones
-- vanish) are kept by their id, in the first place: who was there did not come further by that.
with every_pipeline as (
  select id as pipeline_id from pipelines where id is not null
  union
  select own_pipeline_id as pipeline_id from deal_state
  union
  select coalesce(nullif(trim(pipeline_id), ''), '(none)') as pipeline_id from stages
),
seen as (
  select stage_now as id, own_pipeline_id as pipeline_id from deal_state
  union all
  select nullif(trim(c.new_value), '') as id, d.own_pipeline_id as pipeline_id
  from deal_changes as c
  inner join deal_state as d on d.id = c.item_id
  where lower(c.field_key) = 'stage_id'
  union all
  select nullif(trim(c.old_value), '') as id, d.own_pipeline_id as pipeline_id
  from deal_changes as c
  inner join deal_state as d on d.id = c.item_id
  where lower(c.field_key) = 'stage_id'
),
unknown as (
  select w.id, min(w.pipeline_id) as in_pipeline_id
  from seen as w
  where w.id is not null and not exists (select 1 from stages as s where s.id = w.id)
  group by w.id
)
select
  s.id,
  s.add_time as created_at,
  s.update_time as updated_at,
  coalesce(nullif(trim(s.pipeline_id), ''), '(none)') as pipeline_id,
  coalesce(nullif(trim(s.name), ''), '(none)') as name,
  'opportunity' as object_type,
  coalesce(s.order_nr, 0) as display_order,
  case
    when coalesce(p.is_weighted, true) and s.deal_probability between 0 and 100
      then s.deal_probability / 100.0
  end as probability,
  false as is_closed,
  false as is_won,
  case when s.rotten_flag then s.rotten_days end as expected_days,
  coalesce(s.active_flag, true) as is_active
from stages as s
left join pipelines as p on p.id = s.pipeline_id
where s.id is not null
union all
select
  id,
  cast(null as timestamp) as created_at,
  cast(null as timestamp) as updated_at,
  in_pipeline_id as pipeline_id,
  case when id like '%/(none)' then '(none)' else '(stage ' || id || ')' end as name,
  'opportunity' as object_type,
  0 as display_order,
  cast(null as double) as probability,
  false as is_closed,
  false as is_won,
  cast(null as bigint) as expected_days,
  id like '%/(none)' as is_active
from unknown
union all
select
  pipeline_id || '/won' as id,
  cast(null as timestamp) as created_at,
  cast(null as timestamp) as updated_at,
  pipeline_id,
  'Won' as name,
  'opportunity' as object_type,
  1000 as display_order,
  1.0 as probability,
  true as is_closed,
  true as is_won,
  cast(null as bigint) as expected_days,
  true as is_active
from every_pipeline
union all
select
  pipeline_id || '/lost' as id,
  cast(null as timestamp) as created_at,
  cast(null as timestamp) as updated_at,
  pipeline_id,
  'Lost' as name,
  'opportunity' as object_type,
  1001 as display_order,
  0.0 as probability,
  true as is_closed,
  false as is_won,
  cast(null as bigint) as expected_days,
  true as is_active
from every_pipeline

-- A pipeline that only deals or stages know (its own table is missing, or it was deleted there) has
-- no name left; deals outside of any are in `(none)`.
with used as (
  select own_pipeline_id as id from deal_state
  union
  select coalesce(nullif(trim(pipeline_id), ''), '(none)') as id from stages
)
select
  id,
  add_time as created_at,
  update_time as updated_at,
  coalesce(nullif(trim(name), ''), '(none)') as name,
  'opportunity' as object_type,
  coalesce(active, true) as is_active,
  order_nr as display_order
from pipelines
where id is not null
union all
select
  u.id,
  cast(null as timestamp) as created_at,
  cast(null as timestamp) as updated_at,
  case when u.id = '(none)' then u.id else '(pipeline ' || u.id || ')' end as name,
  'opportunity' as object_type,
  u.id = '(none)' as is_active,
  cast(null as bigint) as display_order
from used as u
where not exists (select 1 from pipelines as p where p.id = u.id)

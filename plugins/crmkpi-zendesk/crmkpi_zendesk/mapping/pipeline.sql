-- Deals whose stage is not known stand in a pipeline `(none)`.
with lost as (
  select count(*) as deals
  from sell_deal as d
  where not exists (select 1 from sell_stage as s where s.id = d.stage_id)
)
select
  p.id,
  p.created_at,
  p.updated_at,
  coalesce(nullif(trim(p.name), ''), '(none)') as name,
  'opportunity' as object_type,
  not coalesce(p.disabled, false) as is_active
from sell_pipeline as p
where p.id is not null
union all
select
  '(none)' as id,
  cast(null as timestamp) as created_at,
  cast(null as timestamp) as updated_at,
  '(none)' as name,
  'opportunity' as object_type,
  false as is_active
from lost
where lost.deals > 0

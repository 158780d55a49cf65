with named as (
  select coalesce(nullif(trim(pipeline), ''), 'default') as id from potentials
  union
  select coalesce(nullif(trim(pipeline), ''), 'default') as id from stages
)
select
  id,
  case when id = 'default' then 'Potentials' else id end as name,
  'opportunity' as object_type,
  id = 'default' as is_default,
  true as is_active,
  row_number() over (order by case when id = 'default' then 0 else 1 end, lower(id), id)
    as display_order
from named

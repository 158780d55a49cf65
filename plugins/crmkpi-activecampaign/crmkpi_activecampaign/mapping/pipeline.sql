-- Pipelines are called deal groups in the API. One that only deals know was removed.
with listed as (
  select id, title, cdate, udate, 1 as is_listed from deal_groups where id is not null
  union all
  select coalesce(d.group_id, 'default') as id, '(none)' as title, min(d.cdate) as cdate, max(d.mdate) as udate,
    0 as is_listed
  from deals as d
  where not exists (select 1 from deal_groups as g where g.id = d.group_id)
  group by coalesce(d.group_id, 'default')
)
select
  id,
  cdate as created_at,
  udate as updated_at,
  coalesce(nullif(trim(title), ''), '(none)') as name,
  'opportunity' as object_type,
  is_listed = 1 as is_active,
  row_number() over (order by is_listed desc, cdate, id) as display_order
from listed

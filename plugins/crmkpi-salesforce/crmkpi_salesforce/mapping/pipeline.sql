-- Salesforce has no pipelines: a record type of opportunities stands for one, and `default` for
-- the opportunities without.
with untyped as (
  select count(*) as opportunities
  from opportunity as o
  where not exists (select 1 from record_type as r where r.id = o.record_type_id)
)
select
  id,
  coalesce(nullif(trim(name), ''), nullif(trim(developer_name), ''), '(none)') as name,
  'opportunity' as object_type,
  false as is_default,
  coalesce(is_active, true) as is_active,
  1 + row_number() over (order by id) as display_order
from record_type
where lower(sobject_type) = 'opportunity'
union all
select
  'default' as id,
  'Opportunities' as name,
  'opportunity' as object_type,
  true as is_default,
  opportunities > 0 as is_active,
  1 as display_order
from untyped

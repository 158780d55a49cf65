-- Groups of Freshdesk agents.
with ranked as (
  select
    g.*,
    row_number() over (partition by g.id order by g.updated_at desc, g.name) as place
  from desk_group as g
  where g.id is not null
)
select
  id,
  created_at,
  updated_at,
  coalesce(nullif(trim(name), ''), '(none)') as name,
  'service' as kind
from ranked
where place = 1

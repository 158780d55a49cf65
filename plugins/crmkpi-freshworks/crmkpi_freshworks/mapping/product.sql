-- What Freshdesk gives support for; tickets name it.
with ranked as (
  select
    p.*,
    row_number() over (partition by p.id order by p.updated_at desc, p.name) as place
  from desk_product as p
  where p.id is not null
)
select
  id,
  created_at,
  updated_at,
  coalesce(nullif(trim(name), ''), '(none)') as name
from ranked
where place = 1

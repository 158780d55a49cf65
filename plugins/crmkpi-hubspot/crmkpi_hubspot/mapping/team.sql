-- Airbyte gives teams with their members only, so one comes more than once.
with numbered as (
  select
    id, nullif(trim(name), '') as name,
    row_number() over (partition by id order by coalesce(nullif(trim(name), ''), '~')) as place
  from team
  where id is not null
)
select
  id,
  coalesce(name, '(none)') as name
from numbered
where place = 1

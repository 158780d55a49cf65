select
  id,
  coalesce(_fivetran_deleted, false) as is_deleted,
  coalesce(nullif(trim(name), ''), '(none)') as name,
  'service' as kind
from team
where id is not null

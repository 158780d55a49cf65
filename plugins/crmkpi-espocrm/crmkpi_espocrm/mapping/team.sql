select
  id,
  created_at,
  modified_at as updated_at,
  coalesce(deleted, false) as is_deleted,
  coalesce(nullif(trim(name), ''), '(none)') as name
from team
where id is not null

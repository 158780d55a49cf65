select
  id,
  date_entered as created_at,
  date_modified as updated_at,
  coalesce(deleted, false) as is_deleted,
  coalesce(nullif(trim(name), ''), '(none)') as name
from securitygroups
where id is not null

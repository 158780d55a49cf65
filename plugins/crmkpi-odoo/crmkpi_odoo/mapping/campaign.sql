select
  id,
  create_date as created_at,
  write_date as updated_at,
  coalesce(nullif(trim(label), ''), nullif(trim(name), ''), '(none)') as name,
  user_id as owner_id
from utm_campaign
where id is not null

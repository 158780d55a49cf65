select
  id,
  created_at,
  coalesce(deleted, false) as is_deleted,
  user_id,
  created_at as logged_in_at,
  case when coalesce(is_denied, false) then 'failure' else 'success' end as status,
  case when lower(trim(authentication_method)) in ('apikey', 'hmac') then 'api' else 'web' end as channel
from auth_log_record
where id is not null and nullif(trim(user_id), '') is not null and created_at is not null

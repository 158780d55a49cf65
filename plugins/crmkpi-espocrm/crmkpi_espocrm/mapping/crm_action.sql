select
  id,
  created_at,
  coalesce(deleted, false) as is_deleted,
  user_id,
  created_at as occurred_at,
  coalesce(nullif(trim(target_type), ''), '(none)') as object_type,
  lower(trim(action)) as action
from action_history_record
where id is not null and nullif(trim(user_id), '') is not null and created_at is not null
  and lower(trim(action)) in ('read', 'create', 'update', 'delete')

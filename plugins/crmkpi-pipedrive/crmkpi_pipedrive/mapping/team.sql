-- The groups of Pipedrive's settings, `roles` in its API: each user is in one.
select
  id,
  not coalesce(active_flag, true) as is_deleted,
  coalesce(nullif(trim(name), ''), '(none)') as name,
  nullif(trim(parent_role_id), '') as parent_team_id
from roles
where id is not null

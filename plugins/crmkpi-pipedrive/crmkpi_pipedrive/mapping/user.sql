select
  u.id,
  u.created as created_at,
  u.modified as updated_at,
  coalesce(nullif(trim(u.name), ''), nullif(lower(trim(u.email)), ''), '(none)') as name,
  nullif(lower(trim(u.email)), '') as email,
  coalesce(u.active_flag, true) as is_active,
  nullif(trim(r.name), '') as role,
  case when u.is_admin then 'admin' else 'regular' end as profile,
  nullif(trim(u.role_id), '') as team_id,
  nullif(trim(u.timezone_name), '') as time_zone,
  coalesce(u.active_flag, true) as is_licensed,
  u.created as hired_at,
  u.last_login as last_login_at
from users as u
left join roles as r on r.id = u.role_id
where u.id is not null

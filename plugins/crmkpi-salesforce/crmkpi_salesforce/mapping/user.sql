select
  u.id,
  u.created_date as created_at,
  u.last_modified_date as updated_at,
  coalesce(
    nullif(trim(u.name), ''),
    nullif(trim(coalesce(u.first_name, '') || ' ' || coalesce(u.last_name, '')), ''),
    nullif(trim(u.username), ''),
    '(none)'
  ) as name,
  nullif(lower(trim(u.email)), '') as email,
  coalesce(u.is_active, true) as is_active,
  nullif(trim(r.name), '') as role,
  coalesce(nullif(trim(p.name), ''), u.profile_id) as profile,
  u.user_role_id as team_id,
  u.manager_id,
  nullif(trim(u.time_zone_sid_key), '') as time_zone,
  lower(u.user_type) = 'standard' as is_licensed,
  cast(u.created_date as date) as hired_at,
  u.last_login_date as last_login_at
from "user" as u
left join user_role as r on r.id = u.user_role_id
left join profile as p on p.id = u.profile_id

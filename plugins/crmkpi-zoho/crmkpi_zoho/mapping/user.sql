select
  user_id as id,
  coalesce(
    nullif(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), ''), '(none)'
  ) as name,
  nullif(lower(trim(email)), '') as email,
  lower(coalesce(status, 'active')) = 'active' as is_active,
  nullif(trim(role), '') as role,
  nullif(trim(profile), '') as profile,
  nullif(trim(time_zone), '') as time_zone,
  true as is_licensed
from users
where user_id is not null

-- A member who left the workspace is deleted. Some keep the time zone of their browser ("system").
select
  id,
  created_at,
  updated_at,
  deleted_at is not null as is_deleted,
  coalesce(
    nullif(trim(trim(coalesce(name_first_name, '')) || ' ' || trim(coalesce(name_last_name, ''))), ''),
    nullif(trim(user_email), ''), '(none)'
  ) as name,
  nullif(lower(trim(user_email)), '') as email,
  true as is_active,
  case when time_zone like '%/%' or upper(trim(time_zone)) = 'UTC' then trim(time_zone) end as time_zone,
  true as is_licensed,
  created_at as hired_at
from workspace_member
where id is not null

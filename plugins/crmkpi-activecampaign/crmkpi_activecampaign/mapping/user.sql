-- The API lists users that are there; a user who left is not among them any more.
select
  id,
  coalesce(
    nullif(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), ''),
    nullif(trim(username), ''), '(none)'
  ) as name,
  nullif(lower(trim(email)), '') as email,
  true as is_active
from users
where id is not null

-- Users by their full name: where a table names its owner and gives no id, it is found by that.
select
  trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')) as owner_name,
  min(user_id) as owner_id
from users
group by trim(coalesce(first_name, '') || ' ' || coalesce(last_name, ''))

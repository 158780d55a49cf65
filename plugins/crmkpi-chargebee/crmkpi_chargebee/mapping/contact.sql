-- The person of a customer itself, with the customer's id, and the customer's further contacts.
with persons as (
  select
    c.id, c.created_at, c.updated_at, c.id as account_id, c.deleted, c.first_name, c.last_name,
    c.email, c.phone, c.country
  from customer as c
  where nullif(trim(c.email), '') is not null or nullif(trim(c.last_name), '') is not null
    or nullif(trim(c.first_name), '') is not null or nullif(trim(c.phone), '') is not null
  union all
  select
    p.id, cast(null as timestamp) as created_at, cast(null as timestamp) as updated_at,
    p.customer_id as account_id, c.deleted, p.first_name, p.last_name, p.email, p.phone, c.country
  from contact as p
  left join customer as c on c.id = p.customer_id
  where not exists (select 1 from customer as o where o.id = p.id)
)
select
  id,
  created_at,
  updated_at,
  coalesce(deleted, false) as is_deleted,
  account_id,
  nullif(trim(first_name), '') as first_name,
  nullif(trim(last_name), '') as last_name,
  lower(nullif(trim(email), '')) as email,
  nullif(trim(phone), '') as phone,
  case when length(trim(country)) = 2 then upper(trim(country)) end as country_code
from persons
where id is not null

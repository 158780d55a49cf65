-- A customer is called by its company, else by the person's name, else by the e-mail.
select
  id,
  created_at,
  updated_at,
  coalesce(deleted, false) as is_deleted,
  coalesce(
    nullif(trim(company), ''),
    nullif(trim(coalesce(trim(first_name), '') || ' ' || coalesce(trim(last_name), '')), ''),
    nullif(trim(email), ''), '(none)'
  ) as name,
  case when parent_id <> id then parent_id end as parent_account_id,
  case when length(trim(country)) = 2 then upper(trim(country)) end as country_code,
  nullif(trim(city), '') as city,
  upper(nullif(trim(preferred_currency_code), '')) as currency
from customer
where id is not null

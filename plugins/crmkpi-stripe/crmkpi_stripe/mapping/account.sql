-- A customer without a name is called by its e-mail. Test data and deleted customers are gone.
select
  id,
  created as created_at,
  updated as updated_at,
  coalesce(is_deleted, false) or not coalesce(livemode, true) as is_deleted,
  coalesce(
    nullif(trim(name), ''), nullif(trim(description), ''), nullif(trim(email), ''), '(none)'
  ) as name,
  case
    when length(trim(address_country)) = 2 then upper(trim(address_country))
    when length(trim(shipping_address_country)) = 2 then upper(trim(shipping_address_country))
  end as country_code,
  coalesce(nullif(trim(address_city), ''), nullif(trim(shipping_address_city), '')) as city,
  upper(nullif(trim(currency), '')) as currency
from customer
where id is not null

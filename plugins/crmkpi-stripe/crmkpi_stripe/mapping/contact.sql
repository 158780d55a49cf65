-- Whom Stripe writes to: a customer has one e-mail and one phone number. Its name may be that of a
-- company, so that nobody's first or last name is known.
select
  id,
  created as created_at,
  updated as updated_at,
  coalesce(is_deleted, false) or not coalesce(livemode, true) as is_deleted,
  id as account_id,
  lower(nullif(trim(email), '')) as email,
  nullif(trim(phone), '') as phone,
  case
    when length(trim(address_country)) = 2 then upper(trim(address_country))
    when length(trim(shipping_address_country)) = 2 then upper(trim(shipping_address_country))
  end as country_code
from customer
where id is not null
  and (nullif(trim(email), '') is not null or nullif(trim(phone), '') is not null)

select
  id,
  createdate as created_at,
  updated_at,
  coalesce(is_deleted, false) or coalesce(_fivetran_deleted, false) as is_deleted,
  coalesce(nullif(trim(name), ''), '(none)') as name,
  nullif(trim(hs_sku), '') as code,
  nullif(trim(hs_product_type), '') as family,
  nullif(trim(recurringbillingfrequency), '') is not null as is_recurring,
  price as list_price
from product
where id is not null

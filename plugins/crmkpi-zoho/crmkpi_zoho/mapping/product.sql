select
  product_id as id,
  created_time as created_at,
  modified_time as updated_at,
  coalesce(nullif(trim(product_name), ''), '(none)') as name,
  nullif(trim(product_code), '') as code,
  nullif(trim(product_category), '') as family,
  unit_price as list_price,
  upper(nullif(trim(currency), '')) as currency,
  coalesce(product_active, true) as is_active
from products
where product_id is not null

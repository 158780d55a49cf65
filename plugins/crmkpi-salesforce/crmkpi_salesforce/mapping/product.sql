with prices as (
  select
    product_2_id,
    unit_price,
    currency_iso_code,
    row_number() over (
      partition by product_2_id order by case when coalesce(is_active, true) then 0 else 1 end, id
    ) as place
  from pricebook_entry
  where not coalesce(is_deleted, false) and product_2_id is not null
)
select
  p.id,
  p.created_date as created_at,
  p.last_modified_date as updated_at,
  coalesce(p.is_deleted, false) as is_deleted,
  coalesce(nullif(trim(p.name), ''), '(none)') as name,
  nullif(trim(p.product_code), '') as code,
  nullif(trim(p.family), '') as family,
  e.unit_price as list_price,
  upper(nullif(trim(e.currency_iso_code), '')) as currency,
  coalesce(p.is_active, true) as is_active
from product_2 as p
left join prices as e on e.product_2_id = p.id and e.place = 1

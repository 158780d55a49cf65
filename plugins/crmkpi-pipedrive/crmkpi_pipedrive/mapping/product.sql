-- A product has a price per currency: the list price is the first of them.
with prices as (
  select
    row_key,
    price,
    currency,
    row_number() over (partition by row_key order by length(id), id, currency, price) as place
  from product_prices
  where price is not null
),
categories as (
  select id, min(trim(label)) as category_label
  from product_field_options
  where lower(field_key) = 'category'
  group by id
)
select
  p.id,
  p.add_time as created_at,
  p.update_time as updated_at,
  not coalesce(p.active_flag, true) as is_deleted,
  coalesce(nullif(trim(p.name), ''), '(none)') as name,
  nullif(trim(p.code), '') as code,
  coalesce(nullif(c.category_label, ''), nullif(trim(p.category), '')) as family,
  r.price as list_price,
  upper(nullif(trim(r.currency), '')) as currency,
  coalesce(p.selectable, true) as is_active
from products as p
left join prices as r on r.row_key = p.row_key and r.place = 1
left join categories as c on c.id = p.category
where p.id is not null

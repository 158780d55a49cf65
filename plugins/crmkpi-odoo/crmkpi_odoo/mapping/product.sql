-- The price is in the currency of the own company.
select
  p.id,
  p.create_date as created_at,
  p.write_date as updated_at,
  coalesce(nullif(trim(t.label), ''), '(none)') as name,
  coalesce(nullif(trim(p.default_code), ''), nullif(trim(t.default_code), '')) as code,
  nullif(trim(c.name), '') as family,
  t.recurring_invoice as is_recurring,
  t.list_price,
  coalesce(p.active, true) and coalesce(t.active, true) as is_active
from product_product as p
left join product_template as t on t.id = p.product_tmpl_id
left join product_category as c on c.id = t.categ_id
where p.id is not null

with money as (
  select id, min(upper(nullif(trim(iso4217), ''))) as iso_code from currencies group by id
)
select
  p.id,
  p.date_entered as created_at,
  p.date_modified as updated_at,
  coalesce(p.deleted, false) as is_deleted,
  coalesce(nullif(trim(p.name), ''), '(none)') as name,
  nullif(trim(p.part_number), '') as code,
  p.price as list_price,
  m.iso_code as currency
from aos_products as p
left join money as m on m.id = p.currency_id
where p.id is not null

-- Salesforce keeps the discount as a percentage of the price before it.
select
  i.id,
  i.created_date as created_at,
  i.last_modified_date as updated_at,
  coalesce(i.is_deleted, false) as is_deleted,
  i.opportunity_id,
  i.product_2_id as product_id,
  coalesce(i.quantity, 1) as quantity,
  coalesce(i.unit_price, i.total_price / nullif(i.quantity, 0), 0) as unit_price,
  i.unit_price * i.quantity * i.discount / 100.0 as discount_amount,
  coalesce(i.total_price, i.quantity * i.unit_price, 0) as total_price,
  upper(coalesce(nullif(trim(i.currency_iso_code), ''), nullif(trim(o.currency_iso_code), '')))
    as currency
from opportunity_line_item as i
left join opportunity as o on o.id = i.opportunity_id
where i.opportunity_id is not null

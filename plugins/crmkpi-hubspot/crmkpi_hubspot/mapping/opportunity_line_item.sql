-- HubSpot's amount of a line item is net of its discount. A line without quantity is one piece.
with links as (
  select line_item_id, min(deal_id) as deal_id
  from line_item_deal
  where line_item_id is not null and deal_id is not null
  group by line_item_id
)
select
  i.id,
  i.createdate as created_at,
  i.updated_at,
  coalesce(i.is_deleted, false) or coalesce(i._fivetran_deleted, false) as is_deleted,
  l.deal_id as opportunity_id,
  i.hs_product_id as product_id,
  coalesce(i.quantity, 1) as quantity,
  coalesce(i.price, i.amount / nullif(coalesce(i.quantity, 1), 0), 0) as unit_price,
  i.hs_total_discount as discount_amount,
  coalesce(i.amount, i.price * coalesce(i.quantity, 1), 0) as total_price,
  upper(nullif(trim(i.hs_line_item_currency_code), '')) as currency,
  nullif(trim(i.recurringbillingfrequency), '') is not null as is_recurring,
  i.hs_term_in_months as term_months
from line_item as i
inner join links as l on l.line_item_id = i.id
where i.id is not null

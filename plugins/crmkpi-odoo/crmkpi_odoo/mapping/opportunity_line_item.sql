-- The lines of the confirmed orders of an opportunity, or of its latest quotation where none is
-- confirmed: other quotations are alternatives. Prices are without tax.
with offers as (
  select
    id,
    opportunity_id,
    currency_id,
    case when lower(state) in ('sale', 'done') then 1 else 0 end as is_confirmed,
    max(case when lower(state) in ('sale', 'done') then 1 else 0 end)
      over (partition by opportunity_id) as has_confirmed,
    row_number() over (partition by opportunity_id order by create_date desc, length(id) desc, id desc)
      as place
  from sale_order
  where nullif(trim(opportunity_id), '') is not null and coalesce(lower(state), '') <> 'cancel'
)
select
  l.id,
  l.create_date as created_at,
  l.write_date as updated_at,
  o.opportunity_id,
  l.product_id,
  coalesce(l.product_uom_qty, 1) as quantity,
  coalesce(l.price_unit, 0) as unit_price,
  case when l.discount between 0 and 100 then l.product_uom_qty * l.price_unit * l.discount / 100.0 end
    as discount_amount,
  coalesce(l.price_subtotal, l.product_uom_qty * l.price_unit, 0) as total_price,
  upper(nullif(trim(y.name), '')) as currency,
  t.recurring_invoice as is_recurring
from sale_order_line as l
inner join offers as o on o.id = l.order_id
left join res_currency as y on y.id = o.currency_id
left join product_product as p on p.id = l.product_id
left join product_template as t on t.id = p.product_tmpl_id
where l.id is not null and nullif(trim(l.display_type), '') is null
  and not coalesce(l.is_downpayment, false)
  and (o.is_confirmed = 1 or (o.has_confirmed = 0 and o.place = 1))

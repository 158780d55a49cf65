-- Odoo's own log of MRR. A transfer moves MRR from an order to its renewal, and is no movement.
select
  g.id,
  g.create_date as created_at,
  g.order_id as subscription_id,
  coalesce(p.commercial_partner_id, p.parent_id, p.id) as account_id,
  g.event_date as movement_date,
  case
    when lower(g.event_type) = '0_creation' then 'new'
    when lower(g.event_type) = '2_churn' then 'churn'
    when g.amount_signed < 0 then 'contraction'
    else 'expansion'
  end as movement_type,
  g.amount_signed as mrr_change,
  g.recurring_monthly as mrr_after,
  upper(nullif(trim(y.name), '')) as currency
from sale_order_log as g
inner join sale_order as s on s.id = g.order_id
inner join res_partner as p on p.id = s.partner_id
left join res_currency as y on y.id = s.currency_id
where g.id is not null and g.event_date is not null and g.amount_signed is not null
  and coalesce(lower(g.event_type), '') <> '3_transfer'

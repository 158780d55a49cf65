-- Subscriptions are confirmed sales orders (Enterprise, version 17 or later). One that was renewed
-- has ended: its renewal is an order of its own. Quotations of renewals and upsells are none yet.
select
  s.id,
  s.create_date as created_at,
  s.write_date as updated_at,
  coalesce(p.commercial_partner_id, p.parent_id, p.id) as account_id,
  nullif(trim(s.opportunity_id), '') as opportunity_id,
  case lower(s.subscription_state)
    when '4_paused' then 'paused'
    when '5_renewed' then 'expired'
    when '6_churn' then 'cancelled'
    else 'active'
  end as status,
  coalesce(s.start_date, cast(s.date_order as date), cast(s.create_date as date)) as start_date,
  s.end_date as current_term_end,
  case
    when lower(l.billing_period_unit) = 'month' and l.billing_period_value = 1 then 'month'
    when lower(l.billing_period_unit) = 'month' and l.billing_period_value = 3 then 'quarter'
    when lower(l.billing_period_unit) = 'month' and l.billing_period_value = 12 then 'year'
    when lower(l.billing_period_unit) = 'year' and l.billing_period_value = 1 then 'year'
  end as billing_interval,
  coalesce(s.recurring_monthly, 0) as mrr,
  upper(nullif(trim(y.name), '')) as currency,
  case when lower(s.subscription_state) in ('5_renewed', '6_churn') then s.end_date end as ended_at,
  case when lower(s.subscription_state) = '6_churn' then nullif(trim(r.label), '') end
    as churn_reason
from sale_order as s
inner join res_partner as p on p.id = s.partner_id
left join res_currency as y on y.id = s.currency_id
left join sale_subscription_plan as l on l.id = s.plan_id
left join sale_order_close_reason as r on r.id = s.close_reason_id
where s.id is not null and s.is_subscription
  and lower(s.subscription_state) in ('3_progress', '4_paused', '5_renewed', '6_churn')
  and coalesce(s.start_date, s.date_order, s.create_date) is not null

-- Subscriptions of customers whose invoice lines are loaded, and from when to when they bring money.
with billed as (
  select p.subscription_id, v.customer_id, p.period_start
  from billed_period as p
  inner join valued_subscription as v on v.id = p.subscription_id
  where p.period_end > v.begun_at
),
firsts as (
  select subscription_id, min(period_start) as first_start from billed group by subscription_id
)
select
  v.id, v.customer_id, v.money, v.bills_a_month, v.begun_at, v.is_over,
  f.first_start,
  case when v.changed_at > v.begun_at then v.changed_at else v.begun_at end as changed_at,
  case
    when v.is_over then coalesce(v.ended_at, v.term_end, v.canceled_at, v.begun_at)
    when v.state = 'paused' then coalesce(v.changed_at, v.begun_at)
  end as end_at
from valued_subscription as v
left join firsts as f on f.subscription_id = v.id
where not v.is_gone and v.state <> 'trialing'
  and v.customer_id in (select b.customer_id from billed as b)

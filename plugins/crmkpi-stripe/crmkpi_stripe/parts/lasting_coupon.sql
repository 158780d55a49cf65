-- Coupons without an end that subscriptions and customers have or had, each once. What a coupon took
-- off an invoice or one of its items is no matter of theirs.
with coupons as (
  select
    coalesce(d.subscription_id, d.customer_id) as owner_id, d.coupon_id, d.starts_at, d.ends_at,
    cast(null as text) as duration, cast(null as double) as percent_off,
    cast(null as double) as amount_off, cast(null as text) as coupon_currency
  from discount as d
  where d.invoice_id is null and d.invoice_item_id is null
    and coalesce(lower(trim(d.type)), 'subscription') in ('subscription', 'customer')
  union all
  select
    s.subscription_id, s.coupon_id, s.starts_at, s.ends_at, s.duration, s.percent_off,
    s.amount_off, s.coupon_currency
  from subscription_discount as s where s.invoice_id is null and s.invoice_item_id is null
  union all
  select
    k.customer_id, k.coupon_id, k.starts_at, k.ends_at, k.duration, k.percent_off, k.amount_off,
    k.coupon_currency
  from customer_discount as k
),
known as (
  select
    d.owner_id, d.coupon_id, d.starts_at, d.ends_at,
    coalesce(d.amount_off, c.amount_off) as amount_off,
    upper(trim(coalesce(d.coupon_currency, c.currency))) as currency,
    coalesce(d.percent_off, c.percent_off) as percent
  from coupons as d
  left join coupon as c on c.id = d.coupon_id
  where d.owner_id is not null and lower(trim(coalesce(d.duration, c.duration))) = 'forever'
)
select distinct
  owner_id, coupon_id, starts_at, ends_at, amount_off, currency,
  case when percent between 0 and 100 then percent else 0.0 end / 100 as share_off
from known

-- Monthly recurring revenue is price x quantity of all items over the months of their interval (a
-- year has 12 months and 365 days), less coupons without an end. Usage is none of it. Prices in
-- tiers have no unit amount: the item's last bill counts. What was never paid for is left out.
with bills as (  -- the lines of the last invoice of each item
  select b.subscription_item_id, sum(b.amount) as billed
  from (
    select
      l.*, rank() over (
        partition by l.subscription_item_id order by l.period_end desc, l.invoice_id desc
      ) as nth
    from invoice_line_item as l
    where not coalesce(l.proration, false) and l.period_end is not null and not exists (
      select 1 from invoice as i
      where i.id = l.invoice_id and (lower(trim(i.status)) = 'void' or i.is_deleted)
    )
  ) as b
  where b.nth = 1 group by b.subscription_item_id
),
items as (
  select
    i.id, i.subscription_id, i.current_period_start, i.current_period_end, b.billed,
    coalesce(i.quantity, 1) as quantity,
    coalesce(i.product_id, p.product_id) as product_id,
    upper(trim(coalesce(i.currency, p.currency))) as currency,
    lower(trim(coalesce(i.billing_interval, p.recurring_interval))) as per,
    coalesce(nullif(i.interval_count, 0), nullif(p.recurring_interval_count, 0), 1) as per_count,
    case lower(trim(coalesce(i.usage_type, p.recurring_usage_type)))
      when 'metered' then 1 else 0 end as is_metered,
    case lower(trim(coalesce(i.billing_scheme, p.billing_scheme))) when 'tiered' then null else
      coalesce(i.unit_amount_decimal, i.unit_amount, p.unit_amount_decimal, p.unit_amount)
    end as unit,
    nullif(coalesce(i.divide_by, p.transform_quantity_divide_by), 0) as divide_by,
    lower(trim(coalesce(i.divide_round, p.transform_quantity_round))) as divide_round
  from subscription_item as i
  left join price as p on p.id = i.plan_id
  left join bills as b on b.subscription_item_id = i.id
),
priced as (
  select
    i.*,
    case i.per when 'month' then 1.0 when 'year' then 1.0 / 12 when 'week' then 365.0 / 84
      when 'day' then 365.0 / 12 else 0.0 end / i.per_count as per_month,
    case
      when i.is_metered = 1 then 0.0
      when i.unit is null then coalesce(i.billed, 0.0)
      when i.divide_by is null then i.unit * i.quantity
      when i.divide_round = 'down' then i.unit * floor(i.quantity / i.divide_by)
      else i.unit * ceil(i.quantity / i.divide_by)
    end as per_bill
  from items as i
),
numbered as (  -- the item that brings most stands for the subscription
  select
    p.*, sum(p.per_month * p.per_bill) over (partition by p.subscription_id) as gross,
    sum(1 - p.is_metered) over (partition by p.subscription_id) as licensed,
    row_number() over (
      partition by p.subscription_id order by p.is_metered, p.per_month * p.per_bill desc, p.id
    ) as nth
  from priced as p
),
coupons as (
  select
    coalesce(d.subscription_id, d.customer_id) as owner_id, d.coupon_id,
    coalesce(d.duration, c.duration) as duration, coalesce(d.percent_off, c.percent_off) as percent,
    coalesce(d.amount_off, c.amount_off) as amount_off,
    coalesce(d.coupon_currency, c.currency) as currency
  from discount as d
  left join coupon as c on c.id = d.coupon_id
  where d.invoice_id is null and d.ends_at is null
  union all
  select k.customer_id, k.coupon_id, k.duration, k.percent_off, k.amount_off, k.coupon_currency
  from customer_discount as k where k.ends_at is null
),
discounts as (  -- percentages apply one after the other; more than two are rare, and are added
  select
    l.owner_id, sum(l.amount_off) as amount_off, max(l.currency) as currency,
    (1 - max(l.share_off)) * (1 - sum(l.share_off) + max(l.share_off)) as kept
  from (
    select distinct
      c.owner_id, c.coupon_id, c.amount_off, upper(trim(c.currency)) as currency,
      case when c.percent between 0 and 100 then c.percent else 0.0 end / 100 as share_off
    from coupons as c
    where lower(trim(c.duration)) = 'forever' and c.owner_id is not null
  ) as l
  group by l.owner_id
),
valued as (
  select
    s.*, lower(trim(s.status)) as given,
    case when cast(s.trial_start as date) <= cast(s.start_date as date) then s.trial_end end
      as paid_from,
    coalesce(lower(trim(s.status)) = 'canceled', false) or s.ended_at is not null as is_over,
    case i.per when 'month' then i.per_count when 'year' then 12 * i.per_count end as months,
    i.product_id, coalesce(i.currency, upper(trim(s.currency))) as money,
    case when i.licensed = 1 then i.quantity end as seats,
    coalesce(s.current_period_start, i.current_period_start) as term_start,
    coalesce(s.current_period_end, i.current_period_end) as term_end,
    i.gross * coalesce(o.kept, k.kept, 1.0) - case
      when coalesce(o.currency, k.currency, i.currency) = i.currency
        then coalesce(o.amount_off, k.amount_off, 0.0) * i.per_month
      else 0.0
    end as net
  from subscription as s
  left join numbered as i on i.subscription_id = s.id and i.nth = 1
  left join discounts as o on o.owner_id = s.id
  left join discounts as k on k.owner_id = s.customer_id and o.owner_id is null
)
select
  v.id,
  v.created as created_at,
  case when v.updated > coalesce(v.ended_at, v.term_start, v.created) then v.updated
    else coalesce(v.ended_at, v.term_start, v.updated, v.created) end as updated_at,
  coalesce(v.given in ('incomplete', 'incomplete_expired') or v.ended_at <= v.paid_from, false)
    or not coalesce(v.livemode, true) as is_deleted,
  v.customer_id as account_id,
  v.product_id,
  case
    when v.is_over then 'cancelled'
    when v.given = 'trialing' or (v.given = 'paused' and v.paid_from is not null) then 'trialing'
    when v.given in ('paused', 'unpaid') then 'paused'
    when lower(trim(v.pause_collection_behavior)) in ('void', 'mark_uncollectible') then 'paused'
    when v.given = 'past_due' then 'past_due'
    else 'active'
  end as status,
  case when v.given = 'trialing' then coalesce(v.start_date, v.created)
    else coalesce(v.paid_from, v.start_date, v.created) end as start_date,
  v.term_start as current_term_start,
  v.term_end as current_term_end,
  cast(v.months as bigint) as term_months,
  case v.months when 1 then 'month' when 3 then 'quarter' when 12 then 'year' end
    as billing_interval,
  v.seats as quantity,
  case when v.net > 0 then v.net else 0.0 end
    / case
      when v.money in ('BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'VND',
        'VUV', 'XAF', 'XOF', 'XPF') then 1.0
      when v.money in ('BHD', 'JOD', 'KWD', 'OMR', 'TND') then 1000.0 else 100.0
    end as mrr,
  nullif(v.money, '') as currency,
  not (v.is_over or coalesce(v.cancel_at_period_end, false) or v.cancel_at is not null)
    as auto_renew,
  case when v.cancel_at_period_end or v.cancel_at is not null then v.canceled_at end
    as notice_given_at,
  case when v.is_over then v.canceled_at end as cancelled_at,
  v.ended_at,
  coalesce(nullif(trim(v.cancellation_details_feedback), ''),
    nullif(trim(v.cancellation_details_reason), '')) as churn_reason
from valued as v
where v.id is not null and v.customer_id is not null

-- Each subscription with what it brings today, and between which moments. Of items the one that brings
-- most stands for it; coupons of the customer count where it has none of its own.
with numbered as (
  select
    p.*, sum(p.per_month * p.per_bill) over (partition by p.subscription_id) as gross,
    sum(1 - p.is_metered) over (partition by p.subscription_id) as licensed,
    row_number() over (
      partition by p.subscription_id order by p.is_metered, p.per_month * p.per_bill desc, p.id
    ) as nth
  from priced_item as p
),
discounts as (  -- percentages apply one after the other; more than two are rare, and are added
  select
    l.owner_id, sum(l.amount_off) as amount_off, max(l.currency) as currency,
    (1 - max(l.share_off)) * (1 - sum(l.share_off) + max(l.share_off)) as kept
  from (
    select distinct c.owner_id, c.coupon_id, c.amount_off, c.currency, c.share_off
    from lasting_coupon as c where c.ends_at is null
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
    i.per_month as bills_a_month,
    i.gross * coalesce(o.kept, k.kept, 1.0) - case
      when coalesce(o.currency, k.currency, i.currency) = i.currency
        then coalesce(o.amount_off, k.amount_off, 0.0) * i.per_month
      else 0.0
    end as net
  from current_subscription as s
  left join numbered as i on i.subscription_id = s.id and i.nth = 1
  left join discounts as o on o.owner_id = s.id
  left join discounts as k on k.owner_id = s.customer_id and o.owner_id is null
)
select
  v.*,
  case
    when v.is_over then 'cancelled'
    when v.given = 'trialing' or (v.given = 'paused' and v.paid_from is not null) then 'trialing'
    when v.given in ('paused', 'unpaid') then 'paused'
    when lower(trim(v.pause_collection_behavior)) in ('void', 'mark_uncollectible') then 'paused'
    when v.given = 'past_due' then 'past_due'
    else 'active'
  end as state,
  case when v.given = 'trialing' then coalesce(v.start_date, v.created)
    else coalesce(v.paid_from, v.start_date, v.created) end as begun_at,
  case when v.updated > coalesce(v.ended_at, v.term_start, v.created) then v.updated
    else coalesce(v.ended_at, v.term_start, v.updated, v.created) end as changed_at,
  coalesce(v.given in ('incomplete', 'incomplete_expired') or v.ended_at <= v.paid_from, false)
    or not coalesce(v.livemode, true) as is_gone
from valued as v
where v.id is not null and v.customer_id is not null

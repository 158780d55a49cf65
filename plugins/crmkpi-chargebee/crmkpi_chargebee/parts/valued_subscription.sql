-- Each subscription with what it brings: running ones by Chargebee's own figure. Of others Chargebee
-- says none: theirs is the price of their recurring items over the months of a period (a year has 12
-- months and 365 days), less coupons and discounts without an end. Usage is none of it.
with terms as (
  select
    s.*, lower(trim(s.status)) as given, upper(trim(s.currency_code)) as money,
    coalesce(s.started_at, s.start_date, s.created_at) as begun_at,
    coalesce(lower(trim(s.contract_status)) = 'active', false) as has_contract,
    case lower(trim(s.billing_period_unit))
      when 'month' then 1.0 when 'year' then 12.0 when 'week' then 84.0 / 365
      when 'day' then 12.0 / 365
    end * nullif(s.billing_period, 0) as months,
    case
      when upper(trim(s.currency_code)) in (
        'BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'VND', 'VUV',
        'XAF', 'XOF', 'XPF'
      ) then 1.0
      else 100.0
    end as minor_units
  from subscription as s
),
charges as (  -- months: of the item's own price, where they are known
  select
    i.subscription_id, coalesce(i.amount, i.unit_price * coalesce(i.quantity, 1)) as minor,
    i.amount_in_decimal as major,
    case lower(trim(p.period_unit))
      when 'month' then 1.0 when 'year' then 12.0 when 'week' then 84.0 / 365
      when 'day' then 12.0 / 365
    end * nullif(p.period, 0) as months
  from subscription_item as i
  left join item_price as p on p.id = i.item_price_id
  left join item as t on t.id = p.item_id
  where coalesce(lower(trim(i.item_type)), 'plan') <> 'charge'
    and not coalesce(t.metered, false) and coalesce(t.included_in_mrr, true)
  union all
  select
    s.id, coalesce(s.plan_amount, s.plan_unit_price * coalesce(s.plan_quantity, 1)),
    cast(null as double), cast(null as double)
  from subscription as s where s.plan_id is not null
  union all
  select
    a.subscription_id, coalesce(a.amount, a.unit_price * coalesce(a.quantity, 1)),
    cast(null as double), cast(null as double)
  from subscription_addon as a
  left join addon as d on d.id = a.id
  where coalesce(lower(trim(d.charge_type)), 'recurring') <> 'non_recurring'
    and coalesce(d.included_in_mrr, true)
),
priced as (
  select
    c.subscription_id,
    sum(coalesce(c.major, c.minor / t.minor_units) / nullif(coalesce(c.months, t.months), 0))
      as gross
  from charges as c
  join terms as t on t.id = c.subscription_id
  group by c.subscription_id
),
cuts as (
  select
    s.subscription_id, c.discount_type as kind, c.discount_percentage as percent,
    c.discount_amount as amount, upper(trim(c.currency_code)) as currency
  from subscription_coupon as s
  join coupon as c on c.id = s.coupon_id
  where lower(trim(c.duration_type)) = 'forever' and lower(trim(c.apply_on)) = 'invoice_amount'
  union all
  select d.subscription_id, d.type, d.percentage, d.amount, cast(null as text)
  from subscription_discount as d
  where lower(trim(d.duration_type)) = 'forever' and lower(trim(d.apply_on)) = 'invoice_amount'
    and coalesce(d.included_in_mrr, true)
),
discounts as (  -- percentages apply one after the other; more than two are rare, and are added
  select
    t.id as subscription_id, sum(x.amount_off) as amount_off,
    (1 - max(x.share_off)) * (1 - sum(x.share_off) + max(x.share_off)) as kept
  from (
    select
      c.subscription_id, c.currency,
      case when lower(trim(c.kind)) = 'percentage' and c.percent between 0 and 100
        then c.percent / 100 else 0.0 end as share_off,
      case when lower(trim(c.kind)) = 'fixed_amount' then c.amount else 0.0 end as amount_off
    from cuts as c
  ) as x
  join terms as t on t.id = x.subscription_id and coalesce(x.currency, t.money) = t.money
  group by t.id
),
plans as (
  select i.subscription_id, max(i.quantity) as quantity, max(p.item_id) as product_id
  from subscription_item as i
  left join item_price as p on p.id = i.item_price_id
  where lower(trim(i.item_type)) = 'plan'
  group by i.subscription_id
),
valued as (
  select
    t.*, case when lower(trim(t.billing_period_unit)) in ('month', 'year') then t.months end
      as whole_months,
    case when t.has_contract then coalesce(t.contract_billing_cycle, 1.0) else 1.0 end as cycles,
    coalesce(i.product_id, t.plan_id) as product_id, coalesce(i.quantity, t.plan_quantity) as seats,
    case when cast(t.trial_start as date) <= cast(t.begun_at as date) then t.trial_end end
      as paid_from,
    p.gross * coalesce(d.kept, 1.0) - coalesce(d.amount_off / t.minor_units / t.months, 0.0) as net
  from terms as t
  left join plans as i on i.subscription_id = t.id
  left join priced as p on p.subscription_id = t.id
  left join discounts as d on d.subscription_id = t.id
)
select
  v.*,
  case
    when v.given in ('active', 'non_renewing') and v.mrr is not null then v.mrr / v.minor_units
    when v.mrr > 0 then v.mrr / v.minor_units
    when v.net > 0 then v.net
    else 0.0
  end as mrr_now,
  case
    when v.given in ('cancelled', 'transferred') then 'cancelled'
    when v.given = 'paused' then 'paused'
    when v.given = 'in_trial' or (v.given = 'future' and v.trial_end is not null) then 'trialing'
    when v.due_invoices_count > 0 then 'past_due'
    else 'active'
  end as state,
  case when v.given = 'in_trial' then v.begun_at else coalesce(v.paid_from, v.begun_at) end
    as starts_at,
  coalesce(v.deleted, false) or coalesce(v.given = 'transferred', false)
    or coalesce(v.given = 'cancelled' and v.cancelled_at <= v.paid_from, false) as is_gone
from valued as v
where v.id is not null and v.customer_id is not null

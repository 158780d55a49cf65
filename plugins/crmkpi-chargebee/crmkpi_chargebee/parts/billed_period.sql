-- What each recurring item of a subscription was billed for each whole period it was paid for, by month,
-- less coupons and discounts without an end: the lines of the last invoice of the period. Prorated
-- lines, usage and one-time charges are left out, and bills for terms that are still to come.
with cuts as (
  select d.invoice_id, d.line_item_id, sum(d.discount_amount) as amount_off
  from invoice_line_discount as d
  where exists (
    select 1 from coupon as c
    where c.id = coalesce(d.coupon_id, d.entity_id) and lower(trim(c.duration_type)) = 'forever'
  ) or exists (
    select 1 from subscription_discount as s
    where s.id = d.entity_id and lower(trim(s.duration_type)) = 'forever'
  )
  group by d.invoice_id, d.line_item_id
),
lines as (
  select
    l.subscription_id, coalesce(l.entity_id, l.subscription_id) as item_id, l.date_from, l.date_to,
    coalesce(l.amount_in_decimal, l.amount / v.minor_units)
      - coalesce(c.amount_off, 0.0) / v.minor_units as amount,
    coalesce(case lower(trim(p.period_unit))
      when 'month' then 1.0 when 'year' then 12.0 when 'week' then 84.0 / 365
      when 'day' then 12.0 / 365
    end * nullif(p.period, 0), v.months) as months,
    12.0 * (cast(l.date_to as date) - cast(l.date_from as date)) / 365 as length,
    rank() over (
      partition by l.subscription_id, l.entity_id, l.date_from
      order by coalesce(i.generated_at, i.issued_at) desc, i.id desc
    ) as nth
  from invoice_line as l
  inner join invoice as i on i.id = l.invoice_id
  inner join valued_subscription as v on v.id = l.subscription_id
  left join cuts as c on c.invoice_id = l.invoice_id and c.line_item_id = l.id
  left join item_price as p on p.id = l.entity_id
  left join item as t on t.id = p.item_id
  where l.date_to > l.date_from and (v.updated_at is null or l.date_from <= v.updated_at)
    and coalesce(lower(trim(l.entity_type)), 'plan')
      in ('plan', 'plan_item_price', 'addon', 'addon_item_price')
    and not coalesce(i.deleted, false)
    and coalesce(lower(trim(i.status)), '') not in ('voided', 'pending')
    and not coalesce(t.metered, false) and coalesce(t.included_in_mrr, true)
)
select n.subscription_id, n.item_id, n.date_from, max(n.date_to) as date_to,
  sum(n.amount / n.months) as per_month
from lines as n
where n.nth = 1 and n.length between 0.9 * n.months and 1.1 * n.months
group by n.subscription_id, n.item_id, n.date_from

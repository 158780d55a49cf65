-- What each item of a subscription was billed for each period it was paid for, by month: the lines of
-- the last invoice of the period, prorations and usage left out. The price is that of the line.
with lines as (
  select
    l.subscription_item_id, coalesce(l.subscription_id, i.subscription_id) as subscription_id,
    l.period_start, l.period_end, l.amount,
    lower(trim(coalesce(p.recurring_interval, m.per))) as per,
    coalesce(nullif(p.recurring_interval_count, 0), m.per_count, 1) as per_count,
    coalesce(lower(trim(p.recurring_usage_type)) = 'metered', m.is_metered = 1, false) as is_usage,
    rank() over (
      partition by l.subscription_item_id, l.period_start order by i.created desc, i.id desc
    ) as nth
  from invoice_line_item as l
  inner join invoice as i on i.id = l.invoice_id
  left join any_price as p on p.id = coalesce(l.price_id, l.plan_id)
  left join priced_item as m on m.id = l.subscription_item_id
  where l.subscription_item_id is not null and l.amount is not null
    and l.period_end > l.period_start and not coalesce(l.proration, false)
    and not coalesce(i.is_deleted, false) and coalesce(i.livemode, true)
    and coalesce(lower(trim(i.status)), '') not in ('draft', 'void')
)
select
  n.subscription_id, n.subscription_item_id, n.period_start, max(n.period_end) as period_end,
  sum(n.amount * case n.per when 'month' then 1.0 when 'year' then 1.0 / 12
    when 'week' then 365.0 / 84 when 'day' then 365.0 / 12 end / n.per_count) as per_month
from lines as n
where n.nth = 1 and n.per is not null and not n.is_usage and n.subscription_id is not null
group by n.subscription_id, n.subscription_item_id, n.period_start

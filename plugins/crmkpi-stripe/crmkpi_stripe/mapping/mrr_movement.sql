-- What customers paid by month, as their invoices say: of past periods the amounts that were billed,
-- from the last change of the subscription on its price and quantity of today. Only of customers
-- whose invoice lines are loaded; of others the subscription itself tells what is known.
with owned as (
  select s.id as subscription_id, c.*
  from paid_subscription as s inner join lasting_coupon as c on c.owner_id = s.id
  union all
  select s.id, c.*
  from paid_subscription as s inner join lasting_coupon as c on c.owner_id = s.customer_id
),
moments as (
  select subscription_id, step_at, change from mrr_change
  union all
  select subscription_id, starts_at, 0.0 from owned where starts_at is not null
  union all
  select subscription_id, ends_at, 0.0 from owned where ends_at is not null
  union all
  select id, end_at, 0.0 from paid_subscription where end_at is not null
),
events as (
  select m.subscription_id, m.step_at, sum(m.change) as change
  from moments as m group by m.subscription_id, m.step_at
),
levels as (
  select
    e.subscription_id, e.step_at,
    sum(e.change) over (
      partition by e.subscription_id order by e.step_at
      rows between unbounded preceding and current row
    ) as gross
  from events as e
),
cuts as (  -- percentages apply one after the other; more than two are rare, and are added
  select
    l.subscription_id, l.step_at, o.owner_id, max(o.currency) as currency,
    sum(o.amount_off) as amount_off,
    (1 - max(o.share_off)) * (1 - sum(o.share_off) + max(o.share_off)) as kept
  from levels as l
  inner join owned as o on o.subscription_id = l.subscription_id
  where coalesce(o.starts_at, l.step_at) <= l.step_at
    and (o.ends_at is null or o.ends_at > l.step_at)
  group by l.subscription_id, l.step_at, o.owner_id
),
nets as (
  select
    l.subscription_id, l.step_at, s.customer_id, s.money,
    case when s.end_at <= l.step_at then 0.0
      else l.gross * coalesce(o.kept, k.kept, 1.0) - case
        when coalesce(o.currency, k.currency, s.money) = s.money
          then coalesce(o.amount_off, k.amount_off, 0.0) * coalesce(s.bills_a_month, 1.0)
        else 0.0
      end
    end as net
  from levels as l
  inner join paid_subscription as s on s.id = l.subscription_id
  left join cuts as o on o.subscription_id = l.subscription_id and o.step_at = l.step_at
    and o.owner_id = l.subscription_id
  left join cuts as k on k.subscription_id = l.subscription_id and k.step_at = l.step_at
    and k.owner_id = s.customer_id and o.owner_id is null
),
moved as (
  select
    n.subscription_id, n.customer_id, n.money, n.step_at,
    case when n.net > 0 then n.net else 0.0 end / case
      when n.money in ('BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'VND',
        'VUV', 'XAF', 'XOF', 'XPF') then 1.0
      when n.money in ('BHD', 'JOD', 'KWD', 'OMR', 'TND') then 1000.0 else 100.0
    end as mrr,
    row_number() over (partition by n.subscription_id order by n.step_at) as nth
  from nets as n
),
compared as (
  select
    m.*,
    coalesce(lag(m.mrr) over (partition by m.subscription_id order by m.nth), 0.0) as mrr_before,
    coalesce(max(m.mrr) over (
      partition by m.subscription_id order by m.nth rows between unbounded preceding and 1 preceding
    ), 0.0) as most_before
  from moved as m
)
select
  c.subscription_id || '/' || cast(c.nth as varchar) as id,
  c.step_at as created_at,
  c.subscription_id,
  c.customer_id as account_id,
  c.step_at as movement_date,
  case
    when c.mrr = 0 then 'churn'
    when c.mrr_before = 0 and c.most_before = 0 then 'new'
    when c.mrr_before = 0 then 'reactivation'
    when c.mrr < c.mrr_before then 'contraction'
    else 'expansion'
  end as movement_type,
  c.mrr - c.mrr_before as mrr_change,
  c.mrr as mrr_after,
  nullif(c.money, '') as currency
from compared as c
where c.mrr - c.mrr_before > 0.000001 or c.mrr_before - c.mrr > 0.000001

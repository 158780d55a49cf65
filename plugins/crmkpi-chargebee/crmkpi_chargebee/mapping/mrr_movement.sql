-- What customers paid by month, as their invoices say: of past periods the amounts that were billed,
-- from the last change of the subscription on Chargebee's own figure. Only of customers whose invoice
-- lines are loaded; of others the subscription itself tells what is known.
with firsts as (
  select p.subscription_id, v.customer_id, min(p.date_from) as first_from
  from billed_period as p
  inner join valued_subscription as v on v.id = p.subscription_id
  where p.date_to > v.starts_at
  group by p.subscription_id, v.customer_id
),
subs as (
  select
    v.id, v.customer_id, v.money, v.mrr_now, v.starts_at, f.first_from,
    case when f.first_from is not null and v.updated_at > v.starts_at then v.updated_at
      else v.starts_at end as changed_at,
    case
      when v.state = 'cancelled' then coalesce(v.cancelled_at, v.current_term_end, v.starts_at)
      when v.state = 'paused' then coalesce(v.updated_at, v.starts_at)
    end as end_at
  from valued_subscription as v
  left join firsts as f on f.subscription_id = v.id
  where not v.is_gone and v.state <> 'trialing'
    and v.customer_id in (select o.customer_id from firsts as o)
),
paid as (
  select
    p.*, s.changed_at,
    case when p.date_from = s.first_from or p.date_from < s.starts_at then s.starts_at
      else p.date_from end as paid_from,
    lead(p.date_from) over (partition by p.subscription_id, p.item_id order by p.date_from)
      as next_from
  from billed_period as p
  inner join subs as s on s.id = p.subscription_id
  where p.date_to > s.starts_at
),
steps as (
  select p.subscription_id, p.item_id, 1 as turn, p.per_month, p.paid_from as step_at
  from paid as p
  union all  -- it ends with the period that was paid, unless it goes on
  select p.subscription_id, p.item_id, 0, 0.0, p.date_to
  from paid as p
  where case when p.next_from is null then p.date_to < p.changed_at
    else cast(p.next_from as date) > cast(p.date_to as date) end
),
changes as (
  select
    t.subscription_id, t.step_at, t.per_month - coalesce(lag(t.per_month) over (
      partition by t.subscription_id, t.item_id order by t.step_at, t.turn
    ), 0.0) as change
  from steps as t
),
events as (
  select c.subscription_id, c.step_at, sum(c.change) as change
  from changes as c group by c.subscription_id, c.step_at
),
levels as (
  select
    e.subscription_id, e.step_at,
    sum(e.change) over (
      partition by e.subscription_id order by e.step_at
      rows between unbounded preceding and current row
    ) as mrr
  from events as e
),
told as (
  select l.subscription_id, l.step_at, 0 as turn, l.mrr
  from levels as l
  inner join subs as s on s.id = l.subscription_id
  where l.step_at < coalesce(s.end_at, s.changed_at)
  union all
  select s.id, s.changed_at, 1, s.mrr_now
  from subs as s where s.end_at is null or s.first_from is null
  union all
  select s.id, case when s.end_at < s.starts_at then s.starts_at else s.end_at end, 2, 0.0
  from subs as s where s.end_at is not null
),
moved as (
  select
    t.subscription_id, t.step_at, s.customer_id, s.money,
    case when t.mrr > 0 then t.mrr else 0.0 end as mrr,
    row_number() over (partition by t.subscription_id order by t.step_at, t.turn) as nth
  from told as t
  inner join subs as s on s.id = t.subscription_id
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

-- By how much the price of a subscription by month rises or falls, and when, before coupons: items begin
-- with the first period that was billed and end with the last one that was paid.
with paid as (
  select
    p.*, s.begun_at, s.first_start,
    case when p.period_start > s.begun_at then p.period_start else s.begun_at end as paid_from
  from billed_period as p
  inner join paid_subscription as s on s.id = p.subscription_id
  where p.period_end > s.begun_at
),
periods as (
  select
    b.*, i.id as present_id,
    lead(b.paid_from) over (partition by b.subscription_item_id order by b.paid_from, b.period_start)
      as next_from
  from paid as b
  left join priced_item as i on i.id = b.subscription_item_id
),
lasts as (
  select subscription_item_id, max(paid_from) as paid_from from paid group by subscription_item_id
),
steps as (  -- from when on an item brings what; invoices before the first one are not loaded
  select
    p.subscription_id, p.subscription_item_id as item_id, 1 as turn, p.per_month,
    case when p.period_start = p.first_start then p.begun_at else p.paid_from end as step_at
  from periods as p
  union all  -- it ends with the period that was paid, unless it goes on
  select p.subscription_id, p.subscription_item_id, 0, 0.0, p.period_end
  from periods as p
  where case when p.next_from is null then p.present_id is null
    else cast(p.next_from as date) > cast(p.period_end as date) end
  union all
  select
    i.subscription_id, i.id, 2, i.per_month * i.per_bill,
    case
      when s.first_start is null then s.begun_at
      when l.paid_from > s.changed_at then l.paid_from
      else s.changed_at
    end
  from priced_item as i
  inner join paid_subscription as s on s.id = i.subscription_id
  left join lasts as l on l.subscription_item_id = i.id
  where not s.is_over or s.first_start is null
)
select
  t.subscription_id, t.step_at, t.per_month - coalesce(
    lag(t.per_month) over (partition by t.item_id order by t.step_at, t.turn), 0.0
  ) as change
from steps as t

/*---
label: Opportunities by month
grain: one row per opportunity and month, from the one it was created in to the one it ended in
time: month_start
needs: [opportunity, opportunity_history]
columns: {amount: Amount, expected_close_date: Expected close}
settings:
  pipeline_change_months: {default: 36, about: months of the past for which changes of the pipeline are kept}
questions: ["How did the deal stand at the end of that month?"]
---*/
-- How each deal stood at the end of a month (of the current one today; where it ended within the month
-- at its end). From the history; before its first row as that row says, whose stage is not known for
-- the time before. Where it tells no amount or no date of a deal at all, those of now. What ended is
-- as it is now, on the day it was closed, which is the day of the KPIs of won and lost deals too; a
-- stage of the history that is closed is believed where an open one follows: the deal was reopened.
-- Amounts of then are converted at the rate of the deal, else of its currency, to the cent.
with today as (
  select date_day as today_date from calendar where days_ago = 0
),
months as (
  select month_no, month_start, max(date_day) as as_of_date, min(months_ago) as ago
  from calendar
  where days_ago >= 0 and months_ago <= $pipeline_change_months
  group by month_no, month_start
),
history as (
  select
    h.id, h.opportunity_id, h.stage_id, h.amount, h.expected_close_date, h.changed_date, h.changed_at,
    case when h.field = 'stage' then 1 else 0 end as is_stage,
    case when h.valid_to <= h.changed_at then 0 else 1 end as is_standing,
    case when s.is_closed then 1 else 0 end as is_closed_stage,
    case when s.is_won then 1 else 0 end as is_won_stage,
    case when not s.is_closed then h.changed_epoch end as open_epoch,
    h.changed_epoch
  from opportunity_history as h
  left join stage as s on s.id = h.stage_id
  where h.changed_epoch is not null
),
changes as (
  select
    opportunity_id, stage_id, amount, expected_close_date, changed_date, is_closed_stage, is_won_stage,
    changed_epoch,
    max(open_epoch) over (partition by opportunity_id) as last_open_epoch,
    -- a history that has amounts or dates says of a moment without one that there was none
    max(case when amount is null then 0 else 1 end) over (partition by opportunity_id) as has_amounts,
    max(case when expected_close_date is null then 0 else 1 end) over (partition by opportunity_id) as has_dates,
    case
      when lag(changed_date) over (partition by opportunity_id order by changed_at, is_standing, is_stage, id) is null
        then date '1900-01-01'
      else changed_date
    end as since_date,
    coalesce(
      lead(changed_date) over (partition by opportunity_id order by changed_at, is_standing, is_stage, id),
      date '2299-12-31'
    ) as until_date
  from history
),
firsts as (
  select opportunity_id, min(changed_date) as first_date from changes group by opportunity_id
),
ends as (
  select
    o.id as opportunity_id, o.status, o.stage_id, o.amount, o.amount_base, o.expected_close_date,
    coalesce(o.currency, '(none)') as currency,
    coalesce(o.created_date, f.first_date) as created_date,
    case
      when o.status = 'open' then null
      when coalesce(o.closed_date, o.expected_close_date) > t.today_date then t.today_date
      else coalesce(o.closed_date, o.expected_close_date)
    end as ended_date
  from opportunity as o
  cross join today as t
  left join firsts as f on f.opportunity_id = o.id
),
rates as (
  select currency, 1.0 * sum(amount_base) / nullif(sum(amount), 0) as rate
  from ends
  where amount > 0 and amount_base is not null
  group by currency
),
lives as (
  select
    e.*,
    case when e.ended_date < e.created_date then e.ended_date else e.created_date end as begun_date
  from ends as e
  where e.created_date is not null and (e.status = 'open' or e.ended_date is not null)
),
lived as (
  select
    l.*, m.month_no, m.month_start, m.as_of_date,
    case when m.ago > 0 and (l.ended_date is null or m.as_of_date < l.ended_date) then m.as_of_date end as past_date,
    case when l.ended_date <= m.as_of_date then 1 else 0 end as is_ended,
    case when l.begun_date >= m.month_start then 1 else 0 end as is_begun
  from lives as l
  inner join months as m
    on l.begun_date <= m.as_of_date and (l.ended_date is null or m.month_start <= l.ended_date)
),
told as (
  select
    d.*, h.changed_date, h.stage_id as stage_then, h.is_won_stage, h.amount as amount_then,
    h.expected_close_date as date_then, coalesce(h.has_amounts, 0) as has_amounts,
    coalesce(h.has_dates, 0) as has_dates,
    case
      when h.is_closed_stage = 1 and h.changed_date <= d.past_date
        and (d.status = 'open' or h.changed_epoch < h.last_open_epoch) then 1
      else 0
    end as is_reopened_later,
    case when d.amount > 0 then d.amount_base / d.amount else r.rate end as rate
  from lived as d
  left join changes as h
    on h.opportunity_id = d.opportunity_id
    and h.since_date <= d.past_date and d.past_date < h.until_date
  left join rates as r on r.currency = d.currency
)
select
  opportunity_id,
  month_no,
  month_start,
  as_of_date,
  is_begun,
  is_ended,
  case when is_ended = 1 or is_reopened_later = 1 then 0 else 1 end as is_open,
  case
    when is_ended = 1 then case when status = 'won' then 1 else 0 end
    when is_reopened_later = 1 then is_won_stage
    else 0
  end as is_won,
  case
    when past_date is null then stage_id
    when changed_date <= past_date then stage_then
    when status = 'open' and changed_date is null then stage_id
  end as stage_id,
  case
    when is_ended = 1 then ended_date
    when has_dates = 1 then date_then
    else expected_close_date
  end as expected_close_date,
  floor(case when has_amounts = 1 then amount_then * rate else amount_base end * 100 + 0.5) / 100.0 as amount
from told

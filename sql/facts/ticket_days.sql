/*---
label: Ticket backlog by day
grain: one row per ticket and day on which it was opened, solved or open; and one row without a ticket per day, so that a day with nothing open counts as zero
time: day_date
needs: [ticket]
dimensions: {age_band: Age, category: Category, channel: Channel, priority: Priority, owner: Owner, team: Team, account_name: Account, segment: Segment, region: Region, product: Product}
columns: {ticket_number: Ticket, opened: Opened, solved: Solved, open_at_end: Open at the end of the day, age_days: Days open, usual_opened: Usually opened per day (mean of the 28 days before), is_week_end: Last day of the week}
settings:
  backlog_days: {default: 760, about: days of backlog history}
questions:
  - "Is the backlog growing?"
  - "Is today's volume unusual?"
---*/
-- A level: sum open_at_end over one day only. A chart by week keeps is_week_end = 1.
-- A ticket that was reopened counts as open until its last resolution.
with days as (
  select
    date_day,
    day_no,
    days_ago,
    case when days_ago = 0 or day_no = max(day_no) over (partition by week_no) then 1 else 0 end
      as is_week_end
  from calendar
),
lives as (
  select
    t.ticket_id,
    t.ticket_number,
    t.category,
    t.channel,
    t.priority,
    t.owner,
    t.team,
    t.account_name,
    t.segment,
    t.region,
    t.product,
    t.is_open,
    t.created_date,
    t.resolved_date,
    c.day_no as created_no,
    case
      when t.is_open = 1 then null
      when t.resolved_date > t.created_date then t.resolved_date
      else t.created_date
    end as last_date
  from tickets as t
  inner join calendar as c on c.date_day = t.created_date
),
volumes as (
  select created_date, count(ticket_id) as opened from lives group by created_date
),
running as (
  select
    d.date_day,
    d.day_no,
    d.days_ago,
    d.is_week_end,
    sum(coalesce(v.opened, 0)) over (order by d.day_no) as opened_so_far,
    sum(coalesce(v.opened, 0)) over (order by d.day_no) - coalesce(v.opened, 0) as opened_before
  from days as d
  left join volumes as v on v.created_date = d.date_day
  where d.days_ago >= 0
)
select
  d.date_day as day_date,
  l.ticket_id,
  l.ticket_number,
  l.category,
  l.channel,
  l.priority,
  l.owner,
  l.team,
  l.account_name,
  l.segment,
  l.region,
  l.product,
  case when l.created_date = d.date_day then 1 else 0 end as opened,
  case when l.resolved_date = d.date_day then 1 else 0 end as solved,
  case when l.is_open = 1 or d.date_day < l.last_date then 1 else 0 end as open_at_end,
  d.day_no - l.created_no as age_days,
  case
    when d.day_no - l.created_no <= 1 then '00-01 days'
    when d.day_no - l.created_no <= 7 then '02-07 days'
    when d.day_no - l.created_no <= 30 then '08-30 days'
    else '31+ days'
  end as age_band,
  cast(null as double) as usual_opened,
  d.is_week_end
from days as d
cross join lives as l
where d.days_ago >= 0
  and d.days_ago < $backlog_days
  and d.date_day >= l.created_date
  and d.date_day <= coalesce(l.last_date, d.date_day)
union all
select
  r.date_day as day_date,
  null as ticket_id,
  null as ticket_number,
  '(none)' as category,
  '(none)' as channel,
  '(none)' as priority,
  '(none)' as owner,
  '(none)' as team,
  '(none)' as account_name,
  '(none)' as segment,
  '(none)' as region,
  '(none)' as product,
  0 as opened,
  0 as solved,
  0 as open_at_end,
  null as age_days,
  '(none)' as age_band,
  (r.opened_before - p.opened_before) / 28.0 as usual_opened,
  r.is_week_end
from running as r
left join running as p on p.day_no = r.day_no - 28
where r.days_ago < $backlog_days and r.opened_so_far > 0

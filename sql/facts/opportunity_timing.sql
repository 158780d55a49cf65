/*---
label: Opportunity timing
grain: one row per opportunity
key: [opportunity_id]
time: first_contact_date
needs: [opportunity]
opens: {opportunity_id: opportunity}
columns: {first_contact_date: First contact, last_activity_date: Last activity, next_activity_date: Next activity, elapsed_days: Days from first contact to close, quiet_days: Days since activity, late_days: Days past expected close}
questions: ["When did we first talk?", "When did somebody last work on the deal?"]
---*/
-- First contact: the earliest completed call, email, meeting, message or visit of the deal, or the
-- day its lead was created; later than the close does not count; the creation of the deal else.
with today as (
  select date_day as today_date, day_no as today_no from calendar where days_ago = 0
),
first_wins as (
  select account_id, min(coalesce(closed_date, expected_close_date)) as first_won_date
  from opportunity
  where status = 'won' and account_id is not null
  group by account_id
),
deals as (
  select
    o.id as opportunity_id,
    case
      when o.status <> 'won' then 0
      when o.account_id is null then 1
      when w.first_won_date = coalesce(o.closed_date, o.expected_close_date) then 1
      else 0
    end as is_first_win,
    o.source_lead_id,
    o.created_date,
    o.expected_close_date,
    case when o.status <> 'open' then coalesce(o.closed_date, o.expected_close_date) end as closed_date,
    o.last_activity_date,
    o.next_activity_date,
    case
      when o.status = 'open' then t.today_date
      else coalesce(o.closed_date, o.expected_close_date, t.today_date)
    end as until_date,
    t.today_date,
    t.today_no
  from opportunity as o
  cross join today as t
  left join first_wins as w on w.account_id = o.account_id
),
work as (
  select
    a.opportunity_id,
    a.status,
    case when a.activity_type in ('call', 'email', 'meeting', 'sms', 'chat', 'visit') then 1 else 0 end as is_contact,
    coalesce(a.occurred_date, a.completed_date, a.created_date) as done_date,
    coalesce(a.due_date, a.scheduled_date) as planned_date
  from activity as a
  where a.status in ('open', 'completed')
),
per_deal as (
  select
    d.opportunity_id,
    min(
      case when w.status = 'completed' and w.is_contact = 1 and w.done_date <= d.until_date then w.done_date end
    ) as contact_date,
    max(case when w.status = 'completed' and w.done_date <= d.today_date then w.done_date end) as done_last_date,
    min(case when w.status = 'open' and w.planned_date >= d.today_date then w.planned_date end) as planned_next_date
  from deals as d
  inner join work as w on w.opportunity_id = d.opportunity_id
  group by d.opportunity_id
),
origins as (
  select d.opportunity_id, l.created_date as lead_date
  from deals as d
  inner join lead as l on l.id = d.source_lead_id
  union all
  select l.converted_opportunity_id as opportunity_id, l.created_date as lead_date
  from lead as l
  where l.converted_opportunity_id is not null
),
lead_dates as (
  select opportunity_id, min(lead_date) as first_lead_date from origins group by opportunity_id
),
touches as (
  select
    d.opportunity_id,
    d.is_first_win,
    d.created_date,
    d.closed_date,
    d.expected_close_date,
    d.today_no,
    p.contact_date,
    case when l.first_lead_date <= d.until_date then l.first_lead_date end as lead_date,
    case when d.last_activity_date <= d.today_date then d.last_activity_date end as own_last_date,
    p.done_last_date,
    case when d.next_activity_date >= d.today_date then d.next_activity_date end as own_next_date,
    p.planned_next_date
  from deals as d
  left join per_deal as p on p.opportunity_id = d.opportunity_id
  left join lead_dates as l on l.opportunity_id = d.opportunity_id
),
dated as (
  select
    opportunity_id,
    is_first_win,
    created_date,
    closed_date,
    expected_close_date,
    today_no,
    coalesce(
      case when contact_date <= lead_date then contact_date else coalesce(lead_date, contact_date) end,
      created_date
    ) as first_contact_date,
    case
      when own_last_date >= done_last_date then own_last_date else coalesce(done_last_date, own_last_date)
    end as last_activity_date,
    case
      when own_next_date <= planned_next_date then own_next_date else coalesce(planned_next_date, own_next_date)
    end as next_activity_date
  from touches
)
select
  d.opportunity_id,
  d.first_contact_date,
  d.last_activity_date,
  d.next_activity_date,
  d.closed_date,
  d.is_first_win,
  b.day_no - a.day_no as elapsed_days,
  d.today_no - coalesce(c.day_no, e.day_no) as quiet_days,
  d.today_no - f.day_no as late_days
from dated as d
left join calendar as a on a.date_day = d.first_contact_date
left join calendar as b on b.date_day = d.closed_date
left join calendar as c on c.date_day = d.last_activity_date
left join calendar as e on e.date_day = d.created_date
left join calendar as f on f.date_day = d.expected_close_date

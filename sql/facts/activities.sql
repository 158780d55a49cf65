/*---
label: Activities
grain: one row per activity
key: [activity_id]
time: activity_date
needs: [activity]
opens: {opportunity_id: opportunity, lead_id: lead, account_id: account}
dimensions: {owner: Owner, team: Team, region: Region, segment: Segment, industry: Industry, activity_type: Type, direction: Direction, status: Status, outcome: Outcome, related_to: Related to}
columns: {subject: Subject, account_name: Account, opportunity_name: Opportunity, created_date: Created, activity_date: Date, due_date: Due, completed_date: Completed, days_overdue: Days overdue, next_action: Next action}
personal: {subject: activity_id}
questions: ["Which promises are overdue, and whose are they?", "How much selling is done?"]
---*/
-- A task is an activity of type task, or any other with a due date. Where no activity has a direction
-- nobody knows what was made or sent.
with today as (
  select date_day as today_date, day_no as today_no from calendar where days_ago = 0
),
deals as (
  select
    id,
    primary_contact_id,
    created_date as from_date,
    case when status <> 'open' then coalesce(closed_date, expected_close_date) end as until_date
  from opportunity
),
qualified_contacts as (
  -- who is a contact of a deal or of a qualified lead, and from when until when that counts
  select o.primary_contact_id as contact_id, o.from_date, o.until_date
  from deals as o
  union all
  select oc.contact_id as contact_id, o.from_date as from_date, o.until_date as until_date
  from opportunity_contact as oc
  inner join deals as o on o.id = oc.opportunity_id
  union all
  select
    l.converted_contact_id as contact_id,
    coalesce(l.sql_date, l.converted_date) as from_date,
    cast(null as date) as until_date
  from lead as l
),
held as (
  select
    id,
    contact_id,
    lead_id,
    opportunity_id,
    coalesce(occurred_date, completed_date, scheduled_date, created_date) as held_date
  from activity
  where activity_type = 'meeting' and status = 'completed'
),
qualified as (
  select h.id as activity_id
  from held as h
  inner join deals as o on o.id = h.opportunity_id
  where o.from_date <= h.held_date and (o.until_date is null or h.held_date <= o.until_date)
  union all
  select h.id as activity_id
  from held as h
  inner join lead as l on l.id = h.lead_id
  where coalesce(l.sql_date, l.converted_date) <= h.held_date
  union all
  select h.id as activity_id
  from held as h
  inner join qualified_contacts as c on c.contact_id = h.contact_id
  where c.from_date <= h.held_date and (c.until_date is null or h.held_date <= c.until_date)
),
qualified_meetings as (
  select distinct activity_id from qualified
),
acts as (
  select
    a.*,
    count(a.direction) over () as known_directions,
    coalesce(a.occurred_date, a.completed_date, a.scheduled_date, a.due_date, a.created_date) as activity_date,
    case when a.status = 'open' then 1 else 0 end as is_open,
    case when a.status = 'completed' then 1 else 0 end as is_completed,
    case when a.activity_type = 'task' or a.due_date is not null then 1 else 0 end as is_task,
    case when a.status = 'open' and d.day_no < t.today_no then t.today_no - d.day_no else 0 end as days_overdue,
    -- due: its day has come, or it was done before
    case
      when a.due_date <= t.today_date or (a.due_date is not null and a.status = 'completed') then 1
      else 0
    end as is_due
  from activity as a
  cross join today as t
  left join calendar as d on d.date_day = a.due_date
)
select
  a.id as activity_id,
  a.opportunity_id,
  a.lead_id,
  coalesce(a.account_id, o.account_id) as account_id,
  coalesce(a.subject, '(no subject)') as subject,
  a.activity_type,
  coalesce(a.direction, '(unknown)') as direction,
  a.status,
  coalesce(a.outcome, '(none)') as outcome,
  case
    when a.opportunity_id is not null then 'opportunity'
    when a.ticket_id is not null then 'ticket'
    when a.lead_id is not null then 'lead'
    when a.account_id is not null or a.contact_id is not null then 'customer'
    else '(nothing)'
  end as related_to,
  coalesce(u.name, '(none)') as owner,
  coalesce(m.name, '(none)') as team,
  coalesce(c.name, '(none)') as account_name,
  coalesce(c.region, '(none)') as region,
  coalesce(c.segment, '(none)') as segment,
  coalesce(c.industry, '(none)') as industry,
  coalesce(o.name, '(none)') as opportunity_name,
  a.created_date,
  a.activity_date,
  a.due_date,
  a.completed_date,
  a.is_open,
  a.is_completed,
  a.is_task,
  a.days_overdue,
  case when a.days_overdue > 0 then 1 else 0 end as is_overdue,
  case
    when a.known_directions = 0 then null
    when a.activity_type = 'call' and a.direction = 'outbound' and a.is_completed = 1 then 1
    else 0
  end as is_call_made,
  case
    when a.known_directions = 0 then null
    when a.activity_type = 'email' and a.direction = 'outbound' and a.is_completed = 1 and a.ticket_id is null then 1
    else 0
  end as is_email_sent,
  case when a.activity_type = 'meeting' then 1 else 0 end as is_meeting,
  case when a.activity_type = 'meeting' and a.is_completed = 1 then 1 else 0 end as is_meeting_held,
  case when q.activity_id is null then 0 else 1 end as is_qualified_meeting,
  case when a.status <> 'cancelled' and a.is_due = 1 then 1 else 0 end as is_follow_up_due,
  case when a.is_completed = 1 and a.is_due = 1 then 1 else 0 end as is_follow_up_done,
  case
    when a.days_overdue > 0 then 'Do it today or agree a new date'
    when a.is_open = 1 then 'Carry it out by its date'
    else '(none)'
  end as next_action
from acts as a
left join qualified_meetings as q on q.activity_id = a.id
left join "user" as u on u.id = a.owner_id
left join team as m on m.id = u.team_id
left join opportunity as o on o.id = a.opportunity_id
left join account as c on c.id = coalesce(a.account_id, o.account_id)

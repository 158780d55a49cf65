/*---
label: Tickets
grain: one row per support ticket
time: created_date
needs: [ticket]
opens: {ticket_id: ticket}
dimensions: {category: Category, channel: Channel, priority: Priority, status: Status, ticket_type: Type, age_band: Age of open tickets, owner: Owner, team: Team, account_name: Account, segment: Segment, region: Region, industry: Industry, product: Product, source: Source}
columns: {ticket_number: Ticket, subject: Subject, created_date: Opened, resolved_date: Resolved, age_days: Days open, first_response_hours: Hours to first reply, resolution_hours: Hours to resolution, replies: Replies, reopens: Reopened, next_action: Next action}
personal: {subject: ticket_number}
settings:
  exclude_waiting: {default: 0, about: 1 takes the time in which the customer was waited for out of the resolution time}
questions:
  - "What do customers need help with?"
  - "How long do they wait?"
  - "Is the backlog growing?"
---*/
-- Durations are business hours of the schedule of the owner, else of the team, else 'default'.
-- Where the conversation is known it decides, else the ticket.
with waited as (
  select ticket_id, sum(w.waiting_hours) as waiting_hours from ticket_waits as w group by ticket_id
),
told as (
  select
    t.*,
    coalesce(hu.schedule, ht.schedule, 'default') as schedule,
    case when c.is_known = 1 then c.replies else t.reply_count end as replies,
    greatest(coalesce(t.reopen_count, 0), coalesce(c.reopens, 0)) as reopens,
    case
      when c.is_known = 1 then c.first_reply_date
      when t.first_response_epoch >= t.created_epoch then t.first_response_date
    end as reply_date,
    case when c.is_known = 1 then c.first_reply_epoch else t.first_response_epoch end as reply_epoch,
    case when t.status in ('solved', 'closed') then 1 else 0 end as is_resolved,
    case when t.status in ('solved', 'closed') then coalesce(t.solved_date, t.closed_date) end
      as resolved_date,
    coalesce(t.solved_epoch, t.closed_epoch) as resolved_epoch
  from ticket as t
  left join ticket_conversations as c on c.ticket_id = t.id
  left join schedules as hu on hu.holder_type = 'user' and hu.holder_id = t.owner_id
  left join schedules as ht on ht.holder_type = 'team' and ht.holder_id = t.team_id
  where t.status <> 'merged'
),
timed as (
  select
    t.*,
    least(greatest(t.created_epoch, b.open_epoch), b.close_epoch) - b.closed_seconds
      as created_position,
    least(greatest(t.reply_epoch, p.open_epoch), p.close_epoch) - p.closed_seconds
      as reply_position,
    least(greatest(t.resolved_epoch, r.open_epoch), r.close_epoch) - r.closed_seconds
      as resolved_position
  from told as t
  left join business_calendar as b on b.schedule = t.schedule and b.date_day = t.created_date
  left join business_calendar as p on p.schedule = t.schedule and p.date_day = t.reply_date
  left join business_calendar as r on r.schedule = t.schedule and r.date_day = t.resolved_date
)
select
  t.id as ticket_id,
  coalesce(t.number, t.source_id, t.id) as ticket_number,
  t.subject,
  coalesce(t.category, '(none)') as category,
  coalesce(t.channel, '(none)') as channel,
  coalesce(t.priority, '(none)') as priority,
  t.status,
  coalesce(t.ticket_type, '(none)') as ticket_type,
  coalesce(u.name, '(none)') as owner,
  coalesce(m.name, '(none)') as team,
  coalesce(a.name, '(none)') as account_name,
  coalesce(a.segment, '(none)') as segment,
  coalesce(a.region, '(none)') as region,
  coalesce(a.industry, '(none)') as industry,
  coalesce(i.name, '(none)') as product,
  coalesce(t.source_system, '(none)') as source,
  t.created_date,
  t.reply_date as first_response_date,
  t.resolved_date,
  case when t.reply_date is not null then t.reply_epoch end as first_response_epoch,
  case when t.is_resolved = 1 then t.resolved_epoch end as resolved_epoch,
  t.schedule,
  1 - t.is_resolved as is_open,
  t.is_resolved,
  (t.reply_position - t.created_position) / 3600.0 as first_response_hours,
  case
    when t.resolved_epoch < t.created_epoch then null
    when $exclude_waiting = 1
      then (t.resolved_position - t.created_position) / 3600.0 - coalesce(w.waiting_hours, 0)
    else (t.resolved_position - t.created_position) / 3600.0
  end as resolution_hours,
  t.replies,
  t.reopens,
  case when t.is_resolved = 1 and t.replies is not null then 1 else 0 end as is_resolved_counted,
  case when t.is_resolved = 1 and t.replies = 1 and t.reopens = 0 then 1 else 0 end
    as is_first_contact,
  case when t.is_resolved = 1 and t.replies > 1 then t.replies - 1 else 0 end as follow_ups,
  case when t.is_resolved = 0 and t.reply_date is null then 1 else 0 end as is_unanswered,
  case when t.is_resolved = 0 then d.days_ago end as age_days,
  case
    when t.is_resolved = 1 then 'resolved'
    when d.days_ago <= 1 then '00-01 days'
    when d.days_ago <= 7 then '02-07 days'
    when d.days_ago <= 30 then '08-30 days'
    when d.days_ago > 30 then '31+ days'
    else '(unknown)'
  end as age_band,
  case
    when t.is_resolved = 1 then '(none)'
    when t.owner_id is null then 'Assign an owner'
    when t.reply_date is null then 'Send the first reply'
    when t.status = 'pending' then 'Remind the customer, or solve it'
    else 'Tell the customer the next step and its date'
  end as next_action
from timed as t
left join "user" as u on u.id = t.owner_id
left join team as m on m.id = coalesce(t.team_id, u.team_id)
left join account as a on a.id = t.account_id
left join product as i on i.id = t.product_id
left join calendar as d on d.date_day = t.created_date
left join waited as w on w.ticket_id = t.id

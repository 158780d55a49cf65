/*---
label: Ticket SLAs
grain: one row per SLA applied to a ticket
records: {sla_id: ticket_sla}
time: due_date
needs: [ticket, ticket_sla]
opens: {ticket_id: ticket}
dimensions: {metric: SLA, policy: Policy, sla_status: SLA status, priority: Priority, category: Category, channel: Channel, owner: Owner, team: Team, account_name: Account, segment: Segment, region: Region, product: Product}
columns: {ticket_number: Ticket, subject: Subject, due_date: Due, target_hours: Target hours, minutes_overdue: Minutes overdue, days_overdue: Days overdue, next_action: Next action}
personal: {subject: ticket_number}
measures:
  overdue_slas: {label: Tickets over their SLA, unit: count, sql: count(distinct case when is_overdue = 1 then ticket_id end)}
settings:
  sla_metrics: {default: [first_reply, resolution], about: SLA metrics that count for SLA compliance}
questions:
  - "Do we keep our promises to customers?"
  - "Which tickets are over their SLA?"
---*/
-- What the help desk says (achieved, breached) stands. What it leaves open is judged here: by the
-- fulfilment (else the ticket's own reply or resolution; a solved ticket waits for nothing) against
-- the due moment, and without one by the minutes that passed against the target: business minutes
-- where the policy says so. The hour of now is not known, only the day: an SLA due today is not yet
-- due, and one that runs has run until last midnight.
with today as (
  select date_day as today_date, midnight_epoch as today_epoch from calendar where days_ago = 0
),
applied as (
  select
    s.*,
    t.ticket_number, t.subject, t.is_open, t.schedule, t.priority, t.category, t.channel, t.owner,
    t.team, t.account_name, t.segment, t.region, t.product,
    coalesce(
      s.fulfilled_date,
      case when s.metric = 'first_reply' then t.first_response_date end,
      t.resolved_date
    ) as done_date,
    coalesce(
      s.fulfilled_epoch,
      case when s.metric = 'first_reply' then t.first_response_epoch end,
      t.resolved_epoch
    ) as done_epoch,
    n.today_date,
    n.today_epoch
  from ticket_sla as s
  inner join tickets as t on t.ticket_id = s.ticket_id
  cross join today as n
),
timed as (
  select
    a.*,
    case
      when a.is_business_hours
        then least(greatest(coalesce(a.done_epoch, a.today_epoch), u.open_epoch), u.close_epoch)
          - u.closed_seconds
          - least(greatest(a.applied_epoch, f.open_epoch), f.close_epoch) + f.closed_seconds
      else coalesce(a.done_epoch, a.today_epoch) - a.applied_epoch
    end / 60.0 as run_minutes,
    case
      when a.due_date is null and not a.is_business_hours
        then f.day_no + cast(floor((a.applied_minute + a.target_minutes) / 1440.0) as bigint)
    end as target_day_no
  from applied as a
  left join business_calendar as f on f.schedule = a.schedule and f.date_day = a.applied_date
  left join business_calendar as u
    on u.schedule = a.schedule and u.date_day = coalesce(a.done_date, a.today_date)
),
dated as (
  select
    a.*,
    coalesce(a.due_date, g.date_day, a.breached_date, a.done_date, a.applied_date) as judged_date,
    coalesce(d.days_ago, g.days_ago) as due_days_ago,
    b.days_ago as breached_days_ago,
    coalesce(
      (coalesce(a.done_epoch, a.today_epoch) - a.due_epoch) / 60.0, a.run_minutes - a.target_minutes
    ) as late_minutes
  from timed as a
  left join calendar as d on d.date_day = a.due_date
  left join calendar as g on g.day_no = a.target_day_no
  left join calendar as b on b.date_day = a.breached_date
),
judged as (
  select
    a.*,
    case
      when a.status = 'cancelled' then 'cancelled'
      when a.status = 'breached' then 'breached'
      when a.status = 'achieved' then 'met'
      when a.breached_days_ago >= 0
        and a.breached_epoch < coalesce(a.done_epoch, a.breached_epoch + 1)
        then 'breached'
      when a.done_epoch > a.due_epoch then 'breached'
      when a.done_epoch <= a.due_epoch then 'met'
      when a.elapsed_minutes > a.target_minutes then 'breached'
      when a.done_epoch is not null
        and (a.elapsed_minutes <= a.target_minutes or a.run_minutes <= a.target_minutes)
        then 'met'
      when a.done_epoch is null and a.status = 'paused' then 'not yet due'
      when a.late_minutes > 0  -- two metrics stop while the other side is waited for
        and (a.due_epoch is not null or a.metric not in ('requester_wait', 'agent_work'))
        then 'breached'
      when a.done_epoch is null then 'not yet due'
      else 'unknown'
    end as sla_status
  from dated as a
)
select
  j.id as sla_id,
  j.ticket_id,
  j.ticket_number,
  j.subject,
  j.metric,
  coalesce(j.policy_name, '(none)') as policy,
  j.sla_status,
  j.priority,
  j.category,
  j.channel,
  j.owner,
  j.team,
  j.account_name,
  j.segment,
  j.region,
  j.product,
  j.applied_date,
  j.judged_date as due_date,
  j.target_minutes / 60.0 as target_hours,
  case when j.metric in $sla_metrics then 1 else 0 end as is_counted,
  case when j.sla_status in ('met', 'breached') then 1 else 0 end as is_due,
  case when j.sla_status = 'met' then 1 else 0 end as is_met,
  case when j.sla_status = 'breached' then 1 else 0 end as is_missed,
  case when j.sla_status = 'breached' and j.done_epoch is null and j.is_open = 1 then 1 else 0 end
    as is_overdue,
  case when j.sla_status = 'breached' and j.late_minutes > 0 then j.late_minutes end
    as minutes_overdue,
  case when j.sla_status = 'breached' and j.done_epoch is null then j.due_days_ago end
    as days_overdue,
  case
    when j.sla_status <> 'breached' or j.done_epoch is not null or j.is_open = 0 then '(none)'
    when j.owner = '(none)' then 'Assign an owner today'
    when j.metric = 'first_reply' then 'Send the first reply now'
    when j.metric = 'resolution' then 'Solve it or agree a new date with the customer'
    else 'Update the customer now'
  end as next_action
from judged as j

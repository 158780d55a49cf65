/*---
label: Ticket SLAs
grain: one row per SLA applied to a ticket
records: {sla_id: ticket_sla}
time: due_date
needs: [ticket, ticket_sla]
dimensions: {metric: SLA, policy: Policy, sla_status: SLA status, priority: Priority, category: Category, channel: Channel, owner: Owner, team: Team, account_name: Account, segment: Segment, region: Region, product: Product}
columns: {ticket_number: Ticket, subject: Subject, due_date: Due, target_hours: Target hours, minutes_overdue: Minutes overdue, days_overdue: Days overdue, next_action: Next action}
measures:
  overdue_slas: {label: Tickets over their SLA, unit: count, sql: count(distinct case when is_overdue = 1 then ticket_id end)}
settings:
  sla_metrics: {default: [first_reply, resolution], about: SLA metrics that count for SLA compliance}
questions:
  - "Do we keep our promises to customers?"
  - "Which tickets are over their SLA?"
---*/
-- What the help desk says (achieved, breached) stands. What it leaves open is judged here: by the
-- fulfilment (the ticket's own reply or resolution where the SLA row has none) against the due
-- moment. The hour of now is not known, only the day: an SLA due today is not yet due.
with applied as (
  select
    s.*,
    t.ticket_number,
    t.subject,
    t.is_open,
    t.priority,
    t.category,
    t.channel,
    t.owner,
    t.team,
    t.account_name,
    t.segment,
    t.region,
    t.product,
    coalesce(
      s.fulfilled_epoch,
      case
        when s.metric = 'first_reply' then t.first_response_epoch
        when s.metric = 'resolution' then t.resolved_epoch
      end
    ) as done_epoch,
    coalesce(s.due_date, s.breached_date, s.fulfilled_date, s.applied_date) as judged_date,
    d.days_ago as due_days_ago,
    b.days_ago as breached_days_ago
  from ticket_sla as s
  inner join tickets as t on t.ticket_id = s.ticket_id
  left join calendar as d on d.date_day = s.due_date
  left join calendar as b on b.date_day = s.breached_date
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
      when a.done_epoch is not null and a.elapsed_minutes <= a.target_minutes then 'met'
      when a.done_epoch is not null and not a.is_business_hours
        then case
          when a.done_epoch - a.applied_epoch > 60 * a.target_minutes then 'breached' else 'met'
        end
      when a.done_epoch is not null then 'unknown'
      when a.status <> 'paused' and a.due_days_ago > 0 then 'breached'
      else 'not yet due'
    end as sla_status
  from applied as a
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
  case
    when j.sla_status <> 'breached' then null
    when j.done_epoch is not null
      then case when j.done_epoch > j.due_epoch then (j.done_epoch - j.due_epoch) / 60.0 end
    when j.due_days_ago > 0 then 1440.0 * j.due_days_ago - j.due_minute
  end as minutes_overdue,
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

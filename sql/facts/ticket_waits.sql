/*---
label: Waits for the customer
grain: one row per time a ticket was set to wait for the customer
time: started_date
needs: [ticket, ticket_event]
opens: {ticket_id: ticket}
dimensions: {status: Waiting status}
columns: {ticket_id: Ticket, started_date: Waiting since, ended_date: Waiting until, waiting_hours: Business hours waited}
settings:
  waiting_statuses: {default: [pending], about: ticket statuses in which the help desk waits for the customer}
questions:
  - "How much of the resolution time is spent waiting for customers?"
---*/
-- A wait ends with the next change of status, or with the resolution; a running wait has no length.
with changes as (
  select
    e.ticket_id,
    lower(e.new_value) as status,
    e.occurred_date,
    e.occurred_epoch,
    lead(e.occurred_date) over (partition by e.ticket_id order by e.occurred_epoch, e.id)
      as next_date,
    lead(e.occurred_epoch) over (partition by e.ticket_id order by e.occurred_epoch, e.id)
      as next_epoch
  from ticket_event as e
  where e.event_type = 'status'
),
waits as (
  select
    c.ticket_id,
    c.status,
    coalesce(hu.schedule, ht.schedule, 'default') as schedule,
    c.occurred_date as started_date,
    c.occurred_epoch as started_epoch,
    coalesce(c.next_date, t.solved_date, t.closed_date) as ended_date,
    coalesce(c.next_epoch, t.solved_epoch, t.closed_epoch) as ended_epoch
  from changes as c
  inner join ticket as t on t.id = c.ticket_id
  left join schedules as hu on hu.holder_type = 'user' and hu.holder_id = t.owner_id
  left join schedules as ht on ht.holder_type = 'team' and ht.holder_id = t.team_id
  where c.status in $waiting_statuses
)
select
  w.ticket_id,
  w.status,
  w.started_date,
  w.ended_date,
  (
    least(greatest(w.ended_epoch, e.open_epoch), e.close_epoch) - e.closed_seconds
    - least(greatest(w.started_epoch, s.open_epoch), s.close_epoch) + s.closed_seconds
  ) / 3600.0 as waiting_hours
from waits as w
left join business_calendar as s on s.schedule = w.schedule and s.date_day = w.started_date
left join business_calendar as e on e.schedule = w.schedule and e.date_day = w.ended_date

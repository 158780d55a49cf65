/*---
label: Waits for the customer
grain: one row per time a ticket was set to wait for the customer
time: started_date
needs: [ticket, ticket_event]
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
    e.occurred_minute,
    lead(e.occurred_date) over (partition by e.ticket_id order by e.occurred_epoch, e.id)
      as next_date,
    lead(e.occurred_minute) over (partition by e.ticket_id order by e.occurred_epoch, e.id)
      as next_minute
  from ticket_event as e
  where e.event_type = 'status'
),
waits as (
  select
    c.ticket_id,
    c.status,
    coalesce(hu.schedule, ht.schedule, 'default') as schedule,
    c.occurred_date as started_date,
    c.occurred_minute as started_minute,
    coalesce(c.next_date, t.solved_date, t.closed_date) as ended_date,
    coalesce(c.next_minute, t.solved_minute, t.closed_minute) as ended_minute
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
    e.minutes_before + least(greatest(w.ended_minute, e.open_minute), e.close_minute)
    - e.open_minute
    - s.minutes_before - least(greatest(w.started_minute, s.open_minute), s.close_minute)
    + s.open_minute
  ) / 60.0 as waiting_hours
from waits as w
left join business_calendar as s on s.schedule = w.schedule and s.date_day = w.started_date
left join business_calendar as e on e.schedule = w.schedule and e.date_day = w.ended_date

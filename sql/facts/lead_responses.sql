/*---
label: Lead responses
grain: one row per lead
time: created_date
needs: [lead]
opens: {lead_id: lead}
settings:
  response_sla_minutes: {default: 240, about: business minutes within which a new lead has to be answered}
questions:
  - "How soon was each lead answered?"
---*/
-- The hour of now is not known, only the day: an unanswered lead is judged up to last midnight.
-- A first response before the lead was created is a fault of the data: answered, but not timed.
-- Where no answer to anybody is known at all, nobody knows which leads wait: that is no miss.
with today as (
  select b.schedule, b.open_epoch - b.closed_seconds as today_position
  from business_calendar as b
  inner join calendar as c on c.date_day = b.date_day
  where c.days_ago = 0
),
scheduled as (
  select l.*, coalesce(h.schedule, 'default') as schedule
  from lead as l
  left join schedules as h on h.holder_type = 'user' and h.holder_id = l.owner_id
),
asked as (
  select
    l.id as lead_id,
    l.schedule,
    l.created_date,
    l.created_epoch,
    l.converted_contact_id,
    l.first_response_date,
    l.first_response_epoch,
    least(greatest(l.created_epoch, b.open_epoch), b.close_epoch) - b.closed_seconds
      as created_position,
    t.today_position
  from scheduled as l
  left join business_calendar as b on b.schedule = l.schedule and b.date_day = l.created_date
  left join today as t on t.schedule = l.schedule
),
touches as (
  select
    id,
    lead_id,
    contact_id,
    coalesce(occurred_date, completed_date) as touch_date,
    coalesce(occurred_epoch, completed_epoch) as touch_epoch
  from activity
  where direction = 'outbound' and status = 'completed'
    and activity_type in ('call', 'email', 'meeting', 'sms', 'chat', 'visit')
),
lead_touches as (  -- some CRMs move the activities of a converted lead to its contact
  select a.lead_id, a.created_epoch, t.id, t.touch_date, t.touch_epoch
  from touches as t
  inner join asked as a on a.lead_id = t.lead_id
  union all
  select a.lead_id, a.created_epoch, t.id, t.touch_date, t.touch_epoch
  from touches as t
  inner join asked as a on a.converted_contact_id = t.contact_id
),
recorded as (
  select t.touches + a.answers as known_answers
  from (select count(touch_epoch) as touches from touches) as t
  cross join (select count(first_response_epoch) as answers from asked) as a
),
replies as (
  select
    lead_id,
    touch_date,
    touch_epoch,
    row_number() over (partition by lead_id order by touch_epoch, id) as place
  from lead_touches
  where touch_epoch >= created_epoch
),
first_replies as (
  select
    a.lead_id,
    a.schedule,
    a.created_date,
    a.created_position,
    a.today_position,
    case when a.first_response_epoch < a.created_epoch then 1 else 0 end as is_response_fault,
    k.known_answers,
    coalesce(a.first_response_date, r.touch_date) as response_date,
    coalesce(a.first_response_epoch, r.touch_epoch) as response_epoch
  from asked as a
  cross join recorded as k
  left join replies as r on r.lead_id = a.lead_id and r.place = 1
),
timed as (
  select
    f.lead_id,
    f.created_date,
    f.response_date,
    f.is_response_fault,
    case when f.response_date is not null then 1 when f.known_answers > 0 then 0 end as is_answered,
    case
      when f.is_response_fault = 0
        then (
          least(greatest(f.response_epoch, b.open_epoch), b.close_epoch) - b.closed_seconds
          - f.created_position
        ) / 60.0
    end as response_minutes,
    case
      when f.response_date is null and f.known_answers > 0
        then (f.today_position - f.created_position) / 60.0
    end as waiting_minutes
  from first_replies as f
  left join business_calendar as b on b.schedule = f.schedule and b.date_day = f.response_date
)
select
  lead_id as lead_id,
  created_date as created_date,
  response_date as response_date,
  is_answered as is_answered,
  is_response_fault as is_response_fault,
  response_minutes as response_minutes,
  case
    when response_minutes is not null or waiting_minutes > $response_sla_minutes then 1 else 0
  end as is_sla_due,
  case when response_minutes <= $response_sla_minutes then 1 else 0 end as is_sla_met,
  case
    when waiting_minutes > $response_sla_minutes then 1 when is_answered is not null then 0
  end as is_sla_overdue,
  case
    when waiting_minutes > $response_sla_minutes
      then (waiting_minutes - $response_sla_minutes) / 60.0
  end as hours_overdue
from timed

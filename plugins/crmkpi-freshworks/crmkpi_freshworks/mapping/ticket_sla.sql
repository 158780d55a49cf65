-- Freshdesk says of a ticket when the first reply and the resolution are due, and moves these moments
-- by business hours and pauses. The target is the time by the clock from the ticket's creation until
-- then. A resolved ticket without the time of it is left out. No engine subtracts moments as another
-- does: their minutes are counted from the parts of the date (days of the Gregorian calendar).
with known as (
  select
    count(first_responded_at) as responses,
    count(coalesce(resolved_at, closed_at)) as resolutions
  from desk_ticket
),
slas as (
  select
    t.id as ticket_id, 'first_reply' as metric, t.status, t.is_gone, t.created_at,
    t.updated_at, t.fr_due_by as due_at, t.first_responded_at as done_at,
    coalesce(t.fr_escalated, false) as is_breached, k.responses as known_count
  from current_ticket as t
  cross join known as k
  union all
  select
    t.id as ticket_id, 'resolution' as metric, t.status, t.is_gone, t.created_at,
    t.updated_at, t.due_by as due_at,
    case when trim(t.status) in ('4', '5') then coalesce(t.resolved_at, t.closed_at) end as done_at,
    false as is_breached, k.resolutions as known_count
  from current_ticket as t
  cross join known as k
),
texts as (
  select
    s.*,
    cast(s.created_at as varchar) as created_text,
    cast(s.due_at as varchar) as due_text
  from slas as s
  where s.created_at is not null and s.due_at >= s.created_at
    and (s.is_breached or s.done_at is not null
      or (s.known_count > 0 and coalesce(trim(s.status), '') not in ('4', '5')))
),
parts as (
  select
    x.*,
    cast(substr(x.created_text, 1, 4) as integer) as year_1,
    cast(substr(x.created_text, 6, 2) as integer) as month_1,
    cast(substr(x.created_text, 9, 2) as integer) as day_1,
    cast(substr(x.created_text, 12, 2) as integer) * 60
      + cast(substr(x.created_text, 15, 2) as integer) as minute_1,
    cast(substr(x.due_text, 1, 4) as integer) as year_2,
    cast(substr(x.due_text, 6, 2) as integer) as month_2,
    cast(substr(x.due_text, 9, 2) as integer) as day_2,
    cast(substr(x.due_text, 12, 2) as integer) * 60
      + cast(substr(x.due_text, 15, 2) as integer) as minute_2
  from texts as x
),
shifted as (
  -- years that begin in March: the leap day is their last
  select
    p.*,
    case when p.month_1 > 2 then p.year_1 else p.year_1 - 1 end as y_1,
    case when p.month_1 > 2 then p.month_1 - 3 else p.month_1 + 9 end as m_1,
    case when p.month_2 > 2 then p.year_2 else p.year_2 - 1 end as y_2,
    case when p.month_2 > 2 then p.month_2 - 3 else p.month_2 + 9 end as m_2
  from parts as p
),
measured as (
  select
    s.*,
    1440.0 * (
      365 * (y_2 - y_1) + floor(y_2 / 4.0) - floor(y_1 / 4.0)
      - floor(y_2 / 100.0) + floor(y_1 / 100.0) + floor(y_2 / 400.0) - floor(y_1 / 400.0)
      + floor((153.0 * m_2 + 2) / 5.0) - floor((153.0 * m_1 + 2) / 5.0) + day_2 - day_1
    ) + minute_2 - minute_1 as target_minutes
  from shifted as s
)
select
  m.ticket_id || '/' || m.metric as id,
  m.created_at,
  m.updated_at,
  m.is_gone as is_deleted,
  m.ticket_id,
  m.metric,
  m.target_minutes,
  false as is_business_hours,
  m.created_at as applied_at,
  m.due_at,
  m.done_at as fulfilled_at,
  case when m.is_breached or m.done_at > m.due_at then m.due_at end as breached_at,
  case
    when m.is_breached or m.done_at > m.due_at then 'breached'
    when m.done_at is not null then 'achieved'
    when trim(m.status) in ('3', '6', '7') then 'paused'
    else 'active'
  end as status
from measured as m

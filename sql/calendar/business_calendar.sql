/*---
label: business calendar
about: >
  One row per business-hours schedule and day. Business minutes between two moments a and b are
  (b.minutes_before + least(greatest(b_minute, b.open_minute), b.close_minute) - b.open_minute)
  minus the same of a.
columns:
  schedule: name of the schedule; the profile's own is 'default'
  date_day: the day
  open_minute: minutes after local midnight; 0 when closed all day
  close_minute: minutes after local midnight; 0 when closed all day
  business_minutes: open minutes of the day
  is_business_day: 1 when open at all
  minutes_before: open minutes of all days before this one
---*/
with weekdays as (
  select name as schedule, weekday, min(start_minute) as open_minute, max(end_minute) as close_minute
  from business_hours
  where holiday_date is null and for_user is null and for_team is null
  group by name, weekday
),
holidays as (
  select distinct name as schedule, holiday_date from business_hours where holiday_date is not null
),
schedules as (
  select distinct schedule from weekdays
),
days as (
  select
    s.schedule,
    c.date_day,
    case when h.holiday_date is null then coalesce(w.open_minute, 0) else 0 end as open_minute,
    case when h.holiday_date is null then coalesce(w.close_minute, 0) else 0 end as close_minute
  from calendar as c
  cross join schedules as s
  left join weekdays as w on w.schedule = s.schedule and w.weekday = c.weekday
  left join holidays as h on h.schedule = s.schedule and h.holiday_date = c.date_day
)
select
  schedule,
  date_day,
  open_minute,
  close_minute,
  close_minute - open_minute as business_minutes,
  case when close_minute > open_minute then 1 else 0 end as is_business_day,
  sum(close_minute - open_minute) over (partition by schedule order by date_day)
    - (close_minute - open_minute) as minutes_before
from days

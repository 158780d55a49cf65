/*---
label: business calendar
about: >
  One row per business-hours schedule and day. Business seconds between two moments a and b are
  (least(greatest(b_epoch, b.open_epoch), b.close_epoch) - b.closed_seconds) minus the same of a:
  time that has passed, so a day on which the clocks change has an hour more or less of it where
  the schedule is open then.
settings: {time_zone: the reporting time zone}
columns:
  schedule: name of the schedule; the profile's own is 'default'
  date_day: the day
  day_no: days since 2000-01-01
  open_minute: minutes after local midnight, by the clock; 0 when closed all day
  close_minute: minutes after local midnight, by the clock; 0 when closed all day
  open_epoch: seconds since 1970 (UTC) when it opens; local midnight when closed all day
  close_epoch: seconds since 1970 (UTC) when it closes; local midnight when closed all day
  business_minutes: open minutes of the day
  is_business_day: 1 when open at all
  minutes_before: open minutes of all days before this one
  closed_seconds: seconds since 1970 until it opens, without the open ones of all days before
---*/
-- An hour that the clocks skip or repeat is a moment by the engine's own rule: schedules that open
-- or close within it are the only ones to notice.
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
    c.day_no,
    86400.0 * (c.day_no + 10957) as midnight,
    case when h.holiday_date is null then coalesce(w.open_minute, 0) else 0 end as open_minute,
    case when h.holiday_date is null then coalesce(w.close_minute, 0) else 0 end as close_minute
  from calendar as c
  cross join schedules as s
  left join weekdays as w on w.schedule = s.schedule and w.weekday = c.weekday
  left join holidays as h on h.schedule = s.schedule and h.holiday_date = c.date_day
),
clocks as (
  select
    d.*,
    crm_moment(midnight + 60 * open_minute) as opens_at,
    crm_moment(midnight + 60 * close_minute) as closes_at
  from days as d
),
zoned as (
  select
    c.*,
    crm_utc(opens_at, $time_zone) as opens_utc,
    crm_utc(closes_at, $time_zone) as closes_utc
  from clocks as c
),
moments as (
  select
    schedule,
    date_day,
    day_no,
    open_minute,
    close_minute,
    crm_epoch(opens_utc) as open_epoch,
    crm_epoch(closes_utc) as close_epoch
  from zoned
),
counted as (
  select
    m.*,
    sum(close_epoch - open_epoch) over (partition by schedule order by date_day)
      - (close_epoch - open_epoch) as seconds_before
  from moments as m
)
select
  schedule,
  date_day,
  day_no,
  open_minute,
  close_minute,
  open_epoch,
  close_epoch,
  cast((close_epoch - open_epoch) / 60.0 as bigint) as business_minutes,
  case when close_epoch > open_epoch then 1 else 0 end as is_business_day,
  cast(seconds_before / 60.0 as bigint) as minutes_before,
  open_epoch - seconds_before as closed_seconds
from counted

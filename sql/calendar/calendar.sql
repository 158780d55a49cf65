/*---
label: calendar
about: >
  One row per day from 2000-01-01 for 20,000 days. The only place with date functions and with
  today's date: facts join it and count with integers.
settings: {today: the date of the run in the reporting time zone, time_zone: the reporting time zone, week_start: 1, fiscal_year_start: 1}
columns:
  date_day: the day
  day_no: days since 2000-01-01
  midnight_epoch: seconds since 1970 (UTC) when it begins in the reporting time zone
  weekday: ISO weekday, 1 = Monday
  days_ago: days before today; 0 is today, negative is the future
  week_start: first day of the week, by the profile
  week_no: weeks since 2000-01-01, by the same week start
  month_start: first day of the month
  month_no: year * 12 + month - 1
  months_ago: months before the current one; 0 is the current month
  days_in_month: days of the month
  quarter_start: first day of the calendar quarter
  quarter_no: year * 4 + quarter - 1
  year_start: first day of the calendar year
  year_no: calendar year
  fiscal_quarter_start: first day of the fiscal quarter
  fiscal_quarter_no: quarters of the fiscal year, counted through
  fiscal_year_start: first day of the fiscal year
  fiscal_year_no: the year the fiscal year ends in
---*/
with digits as (
  select 0 as d union all select 1 as d union all select 2 as d union all select 3 as d
  union all select 4 as d union all select 5 as d union all select 6 as d union all select 7 as d
  union all select 8 as d union all select 9 as d
),
days as (
  select a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d as day_no
  from digits as a cross join digits as b cross join digits as c cross join digits as e
  cross join (select d from digits where d < 2) as f
),
dated as (
  select
    day_no,
    date '2000-01-01' + cast(day_no as int) as date_day,
    crm_moment(86400.0 * (day_no + 10957)) as midnight,
    (day_no + 5) % 7 + 1 as weekday,
    $today - date '2000-01-01' as today_no
  from days
),
months as (
  select
    day_no,
    date_day,
    crm_utc(midnight, $time_zone) as midnight_utc,
    weekday,
    today_no,
    cast(date_trunc('month', date_day) as date) as month_start,
    cast(date_trunc('quarter', date_day) as date) as quarter_start,
    cast(date_trunc('year', date_day) as date) as year_start,
    cast(extract(year from date_day) as int) as year_no,
    cast(extract(year from date_day) as int) * 12 + cast(extract(month from date_day) as int) - 1
      as month_no,
    cast(extract(year from $today) as int) * 12 + cast(extract(month from $today) as int) - 1
      as today_month_no,
    cast(extract(year from date_day) as int) * 4 + cast(extract(quarter from date_day) as int) - 1
      as quarter_no
  from dated
)
select
  date_day,
  day_no,
  crm_epoch(midnight_utc) as midnight_epoch,
  weekday,
  today_no - day_no as days_ago,
  min(date_day) over (partition by floor((day_no + 13 - $week_start) / 7.0)) as week_start,
  cast(floor((day_no + 13 - $week_start) / 7.0) as int) as week_no,
  month_start,
  month_no,
  today_month_no - month_no as months_ago,
  count(*) over (partition by month_no) as days_in_month,
  quarter_start,
  quarter_no,
  year_start,
  year_no,
  min(date_day) over (partition by floor((month_no - ($fiscal_year_start - 1)) / 3.0)) as fiscal_quarter_start,
  cast(floor((month_no - ($fiscal_year_start - 1)) / 3.0) as int) as fiscal_quarter_no,
  min(date_day) over (partition by floor((month_no - ($fiscal_year_start - 1)) / 12.0)) as fiscal_year_start,
  cast(floor((month_no - ($fiscal_year_start - 1)) / 12.0) as int)
    + case when $fiscal_year_start > 1 then 1 else 0 end as fiscal_year_no
from months

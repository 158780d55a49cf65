/*---
about: every day with each complete period it lies in, and whether in its last month
placeholders:
  months: complete months that are read
  quarters: complete quarters that are read
  years: complete years that are read
---*/
select
  'month' as period_type,
  d.month_no as period_no,
  d.month_start as period_start,
  d.date_day,
  case when d.month_no % 1 = 0 then 1 else 0 end as is_last_month
from calendar as d
inner join calendar as t on t.days_ago = 0
where t.month_no - d.month_no between 1 and $months
union all
select
  'quarter' as period_type,
  d.quarter_no as period_no,
  d.quarter_start as period_start,
  d.date_day,
  case when d.month_no % 3 = 2 then 1 else 0 end as is_last_month
from calendar as d
inner join calendar as t on t.days_ago = 0
where t.quarter_no - d.quarter_no between 1 and $quarters
union all
select
  'year' as period_type,
  d.year_no as period_no,
  d.year_start as period_start,
  d.date_day,
  case when d.month_no % 12 = 11 then 1 else 0 end as is_last_month
from calendar as d
inner join calendar as t on t.days_ago = 0
where t.year_no - d.year_no between 1 and $years

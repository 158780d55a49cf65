/*---
about: the days of the six months before and after the day of the change
---*/
select
  case when d.month_no < m.month_no then 'before' else 'after' end as period_type,
  0 as period_no,
  m.date_day as period_start,
  d.date_day,
  case
    when d.month_no = m.month_no - 1 then 1
    when d.month_no = m.first_after_no + 5 then 1
    when d.month_no >= m.first_after_no and d.months_ago = 1 then 1
    else 0
  end as is_last_month
from calendar as d
cross join (
  select
    date_day,
    month_no,
    case when date_day = month_start then month_no else month_no + 1 end as first_after_no
  from calendar
  where date_day = cast($crm_change_date as date)
) as m
where d.months_ago >= 1
  and (d.month_no between m.month_no - 6 and m.month_no - 1
    or d.month_no between m.first_after_no and m.first_after_no + 5)

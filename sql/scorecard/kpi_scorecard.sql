/*---
about: >-
  reads days.sql as `days`, the values of KPIs as `period_values`, and as `governed` what the
  catalogue and the profile say of each
label: KPI scorecard
grain: one row per KPI and period
company_wide: true
time: period_start
needs: []
dimensions:
  area: Branch
  kpi: KPI
  period_type: Period
  is_latest: Latest
  status: Status
  owner: Owner
columns:
  as_of_date: As of
  period_start: Start of the period
  unit: Unit
  value: Value
  previous: Value of the period before
  last_year: Value a year ago
  change: Change
  change_on_last_year: Change on last year
  target: Target value
  off_target: Off target
  now_text: Now
  before_text: Period before
  year_ago_text: A year ago
  target_text: Target
  review: Review
  next_review_date: Next review
  action: When it gets worse
placeholders:
  months: complete months shown
  quarters: complete quarters shown
  years: complete years shown
  now_text: the value as people write it
  before_text: of the period before
  year_ago_text: of a year ago
  target_text: of the target
---*/
with last_periods as (
  select period_type, max(period_no) as last_no from days group by period_type
),
today as (
  select date_day, month_no, quarter_no, week_no from calendar where days_ago = 0
),
reviews as (
  select
    min(case when c.days_ago < 0 and c.weekday < 6 then c.date_day end) as next_daily,
    min(case when c.week_no > t.week_no and c.weekday = 1 then c.date_day end) as next_weekly,
    min(case when c.month_no > t.month_no and c.weekday = 1 then c.date_day end) as next_monthly,
    min(case when c.quarter_no > t.quarter_no and c.weekday = 1 then c.date_day end)
      as next_quarterly
  from calendar as c
  cross join today as t
  where c.days_ago between -120 and 0
),
compared as (
  select
    v.kpi,
    v.period_type,
    v.period_no,
    v.period_start,
    v.value,
    b.value as previous,
    y.value as last_year
  from period_values as v
  left join period_values as b
    on b.kpi = v.kpi and b.period_type = v.period_type and b.period_no = v.period_no - 1
  left join period_values as y
    on y.kpi = v.kpi and y.period_type = v.period_type
    and y.period_no = v.period_no
      - case v.period_type when 'month' then 12 when 'quarter' then 4 else 1 end
),
placed as (
  select
    c.*,
    case when l.period_type is null or c.period_no = l.last_no then 1 else 0 end as is_latest
  from compared as c
  left join last_periods as l on l.period_type = c.period_type
  where l.period_type is null or l.last_no - c.period_no
    < case c.period_type when 'month' then $months when 'quarter' then $quarters else $years end
),
filled as (
  select
    g.kpi_id as kpi,
    coalesce(c.period_type, 'month') as period_type,
    coalesce(c.period_start, t.date_day) as period_start,
    coalesce(c.is_latest, 1) as is_latest,
    c.value,
    c.previous,
    c.last_year,
    (c.value - c.last_year) / nullif(abs(c.last_year), 0) as change_on_last_year
  from governed as g
  cross join today as t
  left join placed as c on c.kpi = g.kpi_id
),
measured as (
  select
    f.*,
    case when g.levels_of = 'value' then f.value else f.change_on_last_year end as judged
  from filled as f
  inner join governed as g on g.kpi_id = f.kpi
)
select
  t.date_day as as_of_date,
  c.kpi as kpi_id,
  g.kpi,
  g.area,
  g.unit,
  c.period_type,
  c.period_start,
  c.is_latest,
  c.value,
  c.previous,
  c.last_year,
  c.value - c.previous as change,
  c.change_on_last_year,
  g.target,
  case
    when c.value is null then 'no data'
    when g.target is null and (g.act is null or c.judged is null) then 'no target'
    when g.sign * c.judged < g.sign * g.act then 'act'
    when g.sign * c.judged < g.sign * g.warn then 'watch'
    when g.sign * c.value < g.sign * g.target then 'below target'
    else 'on track'
  end as status,
  g.sign * (c.value - g.target) / nullif(abs(g.target), 0) as off_target,
  $now_text as now_text,
  $before_text as before_text,
  $year_ago_text as year_ago_text,
  $target_text as target_text,
  g.owner,
  g.review,
  case g.cadence
    when 'daily' then r.next_daily
    when 'weekly' then r.next_weekly
    when 'quarterly' then r.next_quarterly
    else r.next_monthly
  end as next_review_date,
  g.action
from measured as c
inner join governed as g on g.kpi_id = c.kpi
cross join today as t
cross join reviews as r

/*---
about: >-
  reads the scorecard of the KPIs that alerts watch, as `watched` what a message says of each, and
  as `counted` how many rows there are to compute it from
label: KPI alerts
grain: one row per KPI that an alert watches, whatever is known of it
time: as_of_date
needs: []
dimensions:
  kpi: KPI
  state: State
columns:
  now_text: Now
  threshold: Threshold
  before_text: Period before
  year_ago_text: A year ago
  owner: Owner
  next_review_date: Next review
  action: What to do
---*/
with latest as (
  select s.* from kpi_scorecard as s
  where s.is_latest = 1 and s.period_type in ('month', 'running', 'now')
),
judged as (
  select
    w.kpi_id,
    -- numbers that an alert compares: all but 0 are worth a message
    case
      when c.row_count = 0 then 4
      when l.value is null then 3
      when w.levels_of = 'change' and l.change_on_last_year is null then 3
      when l.status = 'act' then 2
      when l.status = 'watch' then 1
      else 0
    end as alert
  from watched as w
  left join counted as c on c.kpi_id = w.kpi_id
  left join latest as l on l.kpi_id = w.kpi_id
)
select
  t.date_day as as_of_date,
  w.kpi_id,
  w.kpi,
  j.alert,
  case j.alert
    when 4 then 'no rows'
    when 3 then 'not known'
    when 2 then 'act'
    when 1 then 'watch'
    else 'fine'
  end as state,
  coalesce(l.now_text, 'not known') as now_text,
  w.threshold,
  coalesce(l.before_text, 'not known') as before_text,
  coalesce(l.year_ago_text, 'not known') as year_ago_text,
  w.owner,
  l.next_review_date,
  w.action
from watched as w
inner join judged as j on j.kpi_id = w.kpi_id
left join latest as l on l.kpi_id = w.kpi_id
left join calendar as t on t.days_ago = 0

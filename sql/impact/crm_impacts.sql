/*---
about: reads days.sql as `days`, the KPIs' values as `period_values`, their names as `labels`
label: Before and after the CRM change
grain: one row per KPI with a value on one side at least
company_wide: true
time: change_date
needs: []
dimensions:
  kpi: KPI
  area: Branch
  unit: Unit
columns:
  change_date: Change
  before_value: Six months before
  after_value: Six months after
  difference: Difference
  improvement: Improvement
settings:
  crm_change_date:
    default: null
    about: day from which the CRM was used in the new way, as YYYY-MM-DD
questions:
- Did the change of the CRM do any good?
---*/
with sides as (
  select
    kpi,
    max(period_start) as change_date,
    max(case when period_type = 'before' then value end) as before_value,
    max(case when period_type = 'after' then value end) as after_value
  from period_values
  group by kpi
)
select
  l.kpi_id,
  l.kpi,
  l.area,
  l.unit,
  s.change_date,
  s.before_value,
  s.after_value,
  s.after_value - s.before_value as difference,
  l.sign * (s.after_value - s.before_value) / nullif(abs(s.before_value), 0) as improvement
from sides as s
inner join labels as l on l.kpi_id = s.kpi

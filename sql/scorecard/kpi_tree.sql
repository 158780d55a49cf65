/*---
about: reads `leaves`, one row per KPI of the catalogue, and the scorecard
label: KPI tree
grain: one row per KPI
key: [kpi_id]
company_wide: true
time: as_of_date
needs: []
dimensions:
  area: Branch
  kpi: KPI
  status: Status
columns:
  as_of_date: As of
  place: Place in the branch
  now_text: Now
  reason: Why there is no number
  address: Where it stands
measures:
  state:
    label: What can be said today?
    unit: text
    sql: >-
      crm_say('{1} of {2} KPIs can be computed. On the scorecard: ■ {3} to act on, ▲ {4} to watch,
      ▼ {5} below target, ● {6} on track',
      crm_text(count(case when status <> 'no data' then 1 end)), crm_text(count(*)),
      crm_text(count(case when status = 'act' then 1 end)),
      crm_text(count(case when status = 'watch' then 1 end)),
      crm_text(count(case when status = 'below target' then 1 end)),
      crm_text(count(case when status = 'on track' then 1 end)))
---*/
with scored as (
  select kpi_id, status, now_text
  from kpi_scorecard
  where is_latest = 1 and period_type in ('month', 'running', 'now')
),
judged as (
  select
    k.area,
    k.kpi_id,
    k.kpi,
    k.reason,
    k.address,
    s.now_text,
    case
      when k.reason <> '' then 'no data'
      when s.status is null then 'not on the scorecard'
      else s.status
    end as status
  from leaves as k
  left join scored as s on s.kpi_id = k.kpi_id
)
select
  t.date_day as as_of_date,
  j.area,
  row_number() over (
    partition by j.area
    order by
      case j.status
        when 'act' then 1
        when 'watch' then 2
        when 'below target' then 3
        when 'on track' then 4
        when 'no target' then 5
        when 'not on the scorecard' then 6
        else 7
      end,
      j.kpi,
      j.kpi_id
  ) as place,
  j.kpi_id,
  j.kpi,
  j.status,
  j.now_text,
  j.reason,
  j.address
from judged as j
inner join calendar as t on t.days_ago = 0

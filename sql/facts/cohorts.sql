/*---
label: Customer cohorts
grain: one row per month in which customers started, months since, region and segment
company_wide: true
time: cohort_month
needs: [subscription]
dimensions: {cohort: Customers since, months_since: Months since start, region: Region, segment: Segment}
columns: {cohort_customers: Customers at start, retained_customers: Customers retained, cohort_mrr: MRR at start, retained_mrr: MRR now, is_quarter_step: Whole quarters in the first three years}
measures:
  customers_kept: {label: Customers kept, unit: percent, sql: "1.0 * sum(retained_customers) / nullif(sum(cohort_customers), 0)"}
  mrr_kept: {label: MRR kept, unit: percent, sql: "1.0 * sum(retained_mrr) / nullif(sum(cohort_mrr), 0)"}
questions: ["Do newer customers stay longer than older ones?"]
---*/
-- Retention of a cell is retained_customers over cohort_customers, of MRR retained_mrr over cohort_mrr.
-- Every month that has begun is there, also when nobody is left. `cohort` is the quarter of the start.
with months as (
  select account_id, region, segment, period_start, new_customers, end_mrr
  from account_periods
  where period_type = 'month' and end_customers = 1
),
firsts as (
  select account_id, min(period_start) as cohort_month from months group by account_id
),
sizes as (
  select f.cohort_month, m.region, m.segment, count(*) as customers, sum(m.end_mrr) as mrr
  from firsts as f
  join months as m on m.account_id = f.account_id and m.period_start = f.cohort_month
  group by f.cohort_month, m.region, m.segment
),
kept as (
  select
    f.cohort_month, m.region, m.segment, m.period_start, count(*) as customers, sum(m.end_mrr) as mrr
  from firsts as f
  join months as m on m.account_id = f.account_id
  group by f.cohort_month, m.region, m.segment, m.period_start
),
calendar_months as (
  select distinct month_start, month_no, year_no, quarter_no from calendar where days_ago >= 0
),
cells as (
  select
    s.cohort_month, s.region, s.segment, s.customers, s.mrr,
    n.month_start,
    n.month_no - b.month_no as months_since,
    cast(b.year_no as text) || ' Q' || cast(b.quarter_no - 4 * b.year_no + 1 as text) as cohort
  from sizes as s
  join calendar_months as b on b.month_start = s.cohort_month
  cross join calendar_months as n
  where n.month_no >= b.month_no
)
select
  c.cohort_month,
  c.cohort,
  c.months_since,
  case when c.months_since % 3 = 0 and c.months_since between 3 and 36 then 1 else 0 end
    as is_quarter_step,
  c.region,
  c.segment,
  c.customers as cohort_customers,
  coalesce(k.customers, 0) as retained_customers,
  c.mrr as cohort_mrr,
  coalesce(k.mrr, 0) as retained_mrr
from cells as c
left join kept as k on k.cohort_month = c.cohort_month and k.region = c.region
  and k.segment = c.segment and k.period_start = c.month_start

/*---
label: Churn snapshots
grain: one row per customer today, and one per customer at the start of each month of the history
time: snapshot_date
needs: [subscription]
dimensions: {snapshot: Snapshot, account_name: Account, segment: Segment, tenure: Tenure, trend: MRR in three months}
columns: {mrr: MRR, is_churned: Lost in three months}
settings:
  churn_history_months: {default: 24, about: 'months of the past from whose customers churn is predicted'}
questions: ["Who was a customer, and who had left three months later?"]
---*/
-- A past snapshot is the start of a month whose three months are over. Lost: without MRR at the end
-- of the third. Today stands for the start of the next month.
with today as (
  select date_day from calendar where days_ago = 0
),
levels as (
  select
    p.account_id, p.account_name, p.owner, p.csm, p.team, p.region, p.segment, p.industry,
    p.period_start, c.month_no, c.months_ago, p.start_mrr, p.end_mrr, p.contraction_mrr
  from account_periods as p
  inner join calendar as c on c.date_day = p.period_start
  where p.period_type = 'month'
),
firsts as (
  select l.account_id, min(l.month_no) as first_month_no
  from levels as l
  where l.end_mrr > 0
  group by l.account_id
),
snapshots as (
  select
    l.account_id, l.account_name, l.owner, l.csm, l.team, l.region, l.segment, l.industry,
    l.month_no, l.period_start as snapshot_date, l.start_mrr as mrr, 1 as is_history
  from levels as l
  where l.start_mrr > 0 and l.months_ago >= 3 and l.months_ago < 3 + $churn_history_months
  union all
  select
    l.account_id, l.account_name, l.owner, l.csm, l.team, l.region, l.segment, l.industry,
    l.month_no + 1 as month_no, t.date_day as snapshot_date, l.end_mrr as mrr, 0 as is_history
  from levels as l
  cross join today as t
  where l.end_mrr > 0 and l.months_ago = 0
),
around as (
  select
    s.account_id,
    s.month_no,
    max(case when l.month_no < s.month_no and l.contraction_mrr > 0 then 1 else 0 end) as has_shrunk,
    max(case when l.month_no = s.month_no + 2 and l.end_mrr > 0 then 1 else 0 end) as is_kept
  from snapshots as s
  inner join levels as l
    on l.account_id = s.account_id and l.month_no >= s.month_no - 3 and l.month_no <= s.month_no + 2
  group by s.account_id, s.month_no
)
select
  s.account_id, s.account_name, s.owner, s.csm, s.team, s.region, s.segment, s.industry,
  s.snapshot_date,
  case when s.is_history = 1 then 'past' else 'today' end as snapshot,
  case when s.month_no - f.first_month_no <= 12 then 'first year' else 'later' end as tenure,
  case when a.has_shrunk = 1 then 'shrunk' else 'not shrunk' end as trend,
  s.mrr,
  s.is_history,
  case when s.is_history = 1 then 1 - a.is_kept end as is_churned
from snapshots as s
inner join around as a on a.account_id = s.account_id and a.month_no = s.month_no
inner join firsts as f on f.account_id = s.account_id

/*---
label: Customers and recurring revenue
grain: one row per account and period, for each period type; accounts without MRR at either end are left out
time: period_start
needs: [subscription]
pick: {period_type: month}
dimensions: {period_type: Period type, account_name: Account, owner: Owner, csm: Customer success manager, team: Team, region: Region, segment: Segment, industry: Industry}
columns: {period_end: Period end, is_complete: Period is over, is_latest: Last period that is over, start_mrr: MRR at start, end_mrr: MRR at end, new_mrr: New MRR, reactivation_mrr: Reactivation MRR, expansion_mrr: Expansion MRR, contraction_mrr: Contraction MRR, churned_mrr: Churned MRR}
settings:
  reactivation_in_nrr: {default: 0, about: 1 counts the MRR of customers who came back as expansion in net revenue retention; 0 leaves it out as new business}
questions: ["Do customers stay?", "Does revenue grow with the customers we have?"]
---*/
-- A filter picks one period_type: month, quarter, year, or trailing_year, whose row of a month
-- compares its end with the end of the same month a year before. The running period is to date.
with terms as (
  select
    s.account_id, s.start_date, s.mrr_base,
    coalesce(s.ended_date, case
      when s.status in ('cancelled', 'expired')
        then coalesce(s.current_term_end, s.cancelled_date, s.start_date)
      when s.status = 'paused' then coalesce(s.updated_date, s.start_date)
    end) as end_date  -- the first day without this MRR; of a pause only the last change is known
  from subscription as s
  where s.status <> 'trialing'
    and not exists (select 1 from mrr_movement as m where m.account_id = s.account_id)
),
changes as (
  select account_id, movement_date as change_date, mrr_change_base as change_mrr from mrr_movement
  union all
  select account_id, start_date, mrr_base from terms
  union all
  select account_id, case when end_date < start_date then start_date else end_date end, -mrr_base
  from terms where end_date is not null
),
monthly as (  -- what happened before the calendar begins is put into its first month
  select
    x.account_id,
    coalesce(c.month_no, 24000) as month_no,
    sum(x.change_mrr) as month_change,
    max(case when x.change_mrr > 0 then 1 else 0 end) as has_gain
  from changes as x
  left join calendar as c on c.date_day = x.change_date
  where c.days_ago >= 0 or x.change_date < date '2000-01-01'
  group by x.account_id, coalesce(c.month_no, 24000)
),
firsts as (
  select
    account_id, min(month_no) as from_month_no,
    min(case when has_gain = 1 then month_no end) as first_month_no
  from monthly
  group by account_id
),
months as (
  select
    month_no, month_start, quarter_start, year_start, max(date_day) as last_day,
    max(case when months_ago = 0 then 0 else 1 end) as month_is_over
  from calendar
  where days_ago >= 0
  group by month_no, month_start, quarter_start, year_start
),
bounds as (select min(from_month_no) as from_no from firsts),
running as (
  select
    f.account_id, f.first_month_no, m.month_no,
    sum(coalesce(g.month_change, 0)) over (
      partition by f.account_id order by m.month_no rows between unbounded preceding and current row
    ) as running_mrr
  from months as m
  cross join bounds as b
  cross join firsts as f
  left join monthly as g on g.account_id = f.account_id and g.month_no = m.month_no
  where m.month_no >= b.from_no and m.month_no >= f.from_month_no
),
levels as (  -- in cents, so that a sum of doubles leaves no customer with a billionth of a euro
  select account_id, first_month_no, month_no, floor(running_mrr * 100 + 0.5) / 100.0 as mrr
  from running
  where running_mrr >= 0.005
),
periods as (  -- numbered, so that accounts are grouped by one integer
  select
    'month' as period_type, month_start as period_start, last_day as period_end,
    month_is_over as is_complete, month_no - 1 as from_no, month_no as to_no, month_no as period_no
  from months
  union all
  select 'trailing_year', month_start, last_day, month_is_over, month_no - 12, month_no, month_no + 100000
  from months
  union all
  select
    'quarter', quarter_start, max(last_day),
    case when count(*) = 3 then min(month_is_over) else 0 end, min(month_no) - 1, max(month_no),
    max(month_no) + 200000
  from months group by quarter_start
  union all
  select
    'year', year_start, max(last_day),
    case when count(*) = 12 then min(month_is_over) else 0 end,
    min(month_no) - 1, max(month_no), max(month_no) + 300000
  from months group by year_start
),
boundaries as (
  select l.account_id, l.first_month_no, p.period_no, l.mrr as then_mrr, 0.0 as now_mrr
  from levels as l join periods as p on p.from_no = l.month_no
  union all
  select l.account_id, l.first_month_no, p.period_no, 0.0, l.mrr
  from levels as l join periods as p on p.to_no = l.month_no
),
summed as (
  select
    account_id, period_no, min(b.first_month_no) as first_month_no,
    sum(then_mrr) as start_mrr, sum(now_mrr) as end_mrr
  from boundaries as b
  group by account_id, period_no
),
compared as (
  select
    x.account_id, p.period_type, p.period_start, p.period_end, p.is_complete, x.start_mrr, x.end_mrr,
    case when p.period_no = max(case when p.is_complete = 1 then p.period_no end)
      over (partition by p.period_type) then 1 else 0 end as is_latest,
    case when x.first_month_no > p.from_no then 1 else 0 end as is_first_time
  from summed as x
  join periods as p on p.period_no = x.period_no
)
select
  p.period_type, p.period_start, p.period_end, p.is_complete, p.is_latest, p.account_id,
  coalesce(a.name, '(unknown)') as account_name,
  coalesce(o.name, '(none)') as owner, coalesce(s.name, o.name, '(none)') as csm,
  coalesce(t.name, '(none)') as team,
  coalesce(a.region, '(none)') as region, coalesce(a.segment, '(none)') as segment,
  coalesce(a.industry, '(none)') as industry,
  p.start_mrr, p.end_mrr,
  case when p.start_mrr > 0 then 1 else 0 end as start_customers,
  case when p.end_mrr > 0 then 1 else 0 end as end_customers,
  case when p.start_mrr = 0 and p.is_first_time = 1 then 1 else 0 end as new_customers,
  case when p.start_mrr = 0 and p.is_first_time = 0 then 1 else 0 end as reactivated_customers,
  case when p.start_mrr > 0 and p.end_mrr = 0 then 1 else 0 end as churned_customers,
  case when p.start_mrr > 0 and p.end_mrr > p.start_mrr then 1 else 0 end as upgraded_customers,
  case when p.start_mrr = 0 and p.is_first_time = 1 then p.end_mrr else 0 end as new_mrr,
  case when p.start_mrr = 0 and p.is_first_time = 0 then p.end_mrr else 0 end as reactivation_mrr,
  case when p.start_mrr > 0 and p.end_mrr > p.start_mrr then p.end_mrr - p.start_mrr else 0 end
    as expansion_mrr,
  case when p.end_mrr > 0 and p.end_mrr < p.start_mrr then p.start_mrr - p.end_mrr else 0 end
    as contraction_mrr,
  case when p.end_mrr = 0 then p.start_mrr else 0 end as churned_mrr,
  case when p.start_mrr = 0 and p.is_first_time = 0 then p.end_mrr * $reactivation_in_nrr else 0 end
    as nrr_reactivation_mrr
from compared as p
left join account as a on a.id = p.account_id
left join "user" as o on o.id = a.owner_id
left join "user" as s on s.id = a.csm_user_id
left join team as t on t.id = o.team_id

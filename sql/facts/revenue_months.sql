/*---
label: Revenue by month
grain: one row per month (to the current one), owner, team, region, segment, industry, lead source and pipeline
time: month_start
needs: [opportunity]
dimensions: {owner: Owner, team: Team, region: Region, segment: Segment, industry: Industry, lead_source: Lead source, pipeline: Pipeline}
columns: {won_amount: Won, prior_amount: Won a year before, won_deals: Won deals, closed_deals: Closed deals, open_deals: Open deals}
settings:
  velocity_months: {default: 12, about: months up to the one shown from which pipeline velocity takes win rate and deal size and cycle}
questions: ["Does revenue grow against last year?", "How fast does the pipeline turn into revenue?"]
---*/
-- The current month is compared with the same days of last year. Months whose comparison lies before
-- the first won deal on record have no basis: they are left out of comparable_amount.
with months as (
  select month_no, month_start, min(months_ago) as ago
  from calendar
  where months_ago >= 0
  group by month_no, month_start
),
today as (
  select c.day_no - f.day_no as today_of_month
  from calendar as c
  inner join calendar as f on f.date_day = c.month_start
  where c.days_ago = 0
),
offsets as (
  select day_no as months_after from calendar where day_no < $velocity_months
),
closed_deals_by_day as (
  select
    o.owner,
    o.team,
    o.region,
    o.segment,
    o.industry,
    o.lead_source,
    o.pipeline,
    c.month_no,
    c.day_no - f.day_no as day_of_month,
    o.is_won,
    coalesce(o.won_amount, 0.0) as won_value,
    o.is_won_with_amount,
    o.cycle_days
  from opportunities as o
  inner join calendar as c on c.date_day = o.closed_date
  inner join calendar as f on f.date_day = c.month_start
),
first_month as (
  select min(month_no) as first_month_no from closed_deals_by_day where is_won = 1
),
parts as (
  select
    d.owner, d.team, d.region, d.segment, d.industry, d.lead_source, d.pipeline,
    m.month_start,
    case when k.months_after = 0 then d.won_value else 0.0 end as won_part,
    case
      when k.months_after = 0 and m.month_no - 12 >= b.first_month_no then d.won_value
      else 0.0
    end as comparable_part,
    0.0 as prior_part,
    case when k.months_after = 0 then d.is_won else 0 end as won_no,
    case when k.months_after = 0 then 1 else 0 end as closed_no,
    0 as open_no,
    d.is_won as trailing_won_no,
    1 as trailing_closed_no,
    d.won_value as trailing_won_part,
    d.is_won_with_amount as trailing_sized_no,
    coalesce(d.cycle_days, 0) as trailing_days,
    case when d.cycle_days is null then 0 else 1 end as trailing_cycle_no
  from closed_deals_by_day as d
  cross join offsets as k
  cross join first_month as b
  inner join months as m on m.month_no = d.month_no + k.months_after
  union all
  select
    d.owner, d.team, d.region, d.segment, d.industry, d.lead_source, d.pipeline,
    m.month_start as month_start, 0.0 as won_part, 0.0 as comparable_part, d.won_value as prior_part,
    0 as won_no, 0 as closed_no, 0 as open_no, 0 as trailing_won_no, 0 as trailing_closed_no,
    0.0 as trailing_won_part, 0 as trailing_sized_no, 0 as trailing_days, 0 as trailing_cycle_no
  from closed_deals_by_day as d
  cross join today as t
  inner join months as m on m.month_no = d.month_no + 12
  where d.is_won = 1 and (m.ago > 0 or d.day_of_month <= t.today_of_month)
  union all
  select
    p.owner, p.team, p.region, p.segment, p.industry, p.lead_source, p.pipeline,
    p.month_start as month_start, 0.0 as won_part, 0.0 as comparable_part, 0.0 as prior_part,
    0 as won_no, 0 as closed_no, p.is_open as open_no, 0 as trailing_won_no, 0 as trailing_closed_no,
    0.0 as trailing_won_part, 0 as trailing_sized_no, 0 as trailing_days, 0 as trailing_cycle_no
  from pipeline_months as p
)
select
  month_start,
  owner,
  team,
  region,
  segment,
  industry,
  lead_source,
  pipeline,
  sum(won_part) as won_amount,
  sum(comparable_part) as comparable_amount,
  sum(prior_part) as prior_amount,
  sum(won_no) as won_deals,
  sum(closed_no) as closed_deals,
  sum(open_no) as open_deals,
  sum(trailing_won_no) as trailing_won,
  sum(trailing_closed_no) as trailing_closed,
  sum(trailing_won_part) as trailing_won_amount,
  sum(trailing_sized_no) as trailing_sized,
  sum(trailing_days) as trailing_cycle_days,
  sum(trailing_cycle_no) as trailing_cycles
from parts
group by month_start, owner, team, region, segment, industry, lead_source, pipeline

/*---
label: Churn predictions
grain: one row per customer today, and one per customer at the start of each month of the history
time: snapshot_date
needs: [subscription]
opens: {account_id: account}
dimensions: {snapshot: Snapshot, account_name: Account, owner: Owner, csm: Customer success manager, team: Team, region: Region, segment: Segment, industry: Industry, tenure: Tenure, trend: MRR in three months, outcome: Outcome, basis: Rate of, calibration_band: Predicted, method: Method}
columns: {mrr: MRR, predicted_rate: Probability of churn, expected_loss: Expected loss of MRR, cases: Customer months behind it, reasons: Reasons, next_action: Next action}
measures:
  expected_churned_mrr: {label: Expected churned MRR, unit: money, sql: sum(expected_loss)}
  expected_churned_customers: {label: Expected churned customers, unit: number, sql: sum(current_rate)}
  unpredicted_customers: {label: Customers with too little history, unit: count, sql: "coalesce(sum(is_current) - sum(is_current_rated), 0)"}
  predicted_mean: {label: Predicted for past months, unit: percent, sql: "1.0 * sum(tested_rate) / nullif(sum(is_tested), 0)"}
  actual_rate: {label: Lost in three months, unit: percent, sql: "1.0 * sum(tested_churned) / nullif(sum(is_tested), 0)"}
  tested_months: {label: Past customer months with a prediction, unit: count, sql: "coalesce(sum(is_tested), 0)"}
settings:
  churn_min_cases: {default: 60, about: 'past customer months of a kind from which their churn rate is a prediction, at least 1'}
questions: ["Which customers may leave in the next 90 days, and why?", "Did customers leave as predicted?"]
---*/
-- The churn rate of past customer months alike: of the same segment, tenure and trend of MRR, else
-- of segment and tenure, else of the segment. A customer is left out of the rates of its own past.
with past as (
  select
    s.*,
    coalesce(s.is_churned, 0) as lost,
    1 - s.is_history as is_current
  from churn_snapshots as s
),
counted as (
  select
    p.*,
    sum(p.is_history) over (partition by p.segment) as segment_all,
    sum(p.lost) over (partition by p.segment) as segment_lost,
    sum(p.is_history) over (partition by p.segment, p.account_id) as segment_own,
    sum(p.lost) over (partition by p.segment, p.account_id) as segment_own_lost,
    sum(p.is_history) over (partition by p.segment, p.tenure) as tenure_all,
    sum(p.lost) over (partition by p.segment, p.tenure) as tenure_lost,
    sum(p.is_history) over (partition by p.segment, p.tenure, p.account_id) as tenure_own,
    sum(p.lost) over (partition by p.segment, p.tenure, p.account_id) as tenure_own_lost,
    sum(p.is_history) over (partition by p.segment, p.tenure, p.trend) as trend_all,
    sum(p.lost) over (partition by p.segment, p.tenure, p.trend) as trend_lost,
    sum(p.is_history) over (partition by p.segment, p.tenure, p.trend, p.account_id) as trend_own,
    sum(p.lost) over (partition by p.segment, p.tenure, p.trend, p.account_id) as trend_own_lost
  from past as p
),
others as (
  select
    c.*,
    c.segment_all - c.is_history * c.segment_own as segment_cases,
    c.segment_lost - c.is_history * c.segment_own_lost as segment_churned,
    c.tenure_all - c.is_history * c.tenure_own as tenure_cases,
    c.tenure_lost - c.is_history * c.tenure_own_lost as tenure_churned,
    c.trend_all - c.is_history * c.trend_own as trend_cases,
    c.trend_lost - c.is_history * c.trend_own_lost as trend_churned
  from counted as c
),
leveled as (
  select
    o.*,
    case
      when o.trend_cases >= $churn_min_cases then 3
      when o.tenure_cases >= $churn_min_cases then 2
      when o.segment_cases >= $churn_min_cases then 1
      else 0
    end as depth
  from others as o
),
rated as (  -- customers of one kind share a band, whichever of them is left out
  select
    l.*,
    case l.depth
      when 3 then l.trend_cases when 2 then l.tenure_cases when 1 then l.segment_cases
    end as cases,
    case l.depth
      when 3 then cast(l.trend_churned as double) / nullif(l.trend_cases, 0)
      when 2 then cast(l.tenure_churned as double) / nullif(l.tenure_cases, 0)
      when 1 then cast(l.segment_churned as double) / nullif(l.segment_cases, 0)
    end as predicted_rate,
    case l.depth
      when 3 then cast(l.trend_lost as double) / nullif(l.trend_all, 0)
      when 2 then cast(l.tenure_lost as double) / nullif(l.tenure_all, 0)
      when 1 then cast(l.segment_lost as double) / nullif(l.segment_all, 0)
    end as kind_rate
  from leveled as l
)
select
  r.account_id, r.account_name, r.owner, r.csm, r.team, r.region, r.segment, r.industry,
  r.snapshot_date, r.snapshot, r.tenure, r.trend, r.mrr,
  'rate of customers alike' as method,
  case when r.is_current = 1 then 'open' when r.lost = 1 then 'lost' else 'kept' end as outcome,
  case r.depth
    when 3 then 'segment, tenure and trend' when 2 then 'segment and tenure' when 1 then 'segment'
    else '(none)'
  end as basis,
  r.predicted_rate,
  r.cases,
  case
    when r.depth = 0 then 'too little history'
    else crm_say(
        'segment {1} {2} % of {3}', r.segment,
        cast(cast(floor(100.0 * r.segment_churned / nullif(r.segment_cases, 0) + 0.5) as int) as varchar),
        cast(r.segment_cases as varchar)
      )
      || case when r.depth > 1 then '; ' || crm_say(
        '{1} {2} % of {3}', case r.tenure when 'first year' then crm_say('first year') else crm_say('later') end,
        cast(cast(floor(100.0 * r.tenure_churned / nullif(r.tenure_cases, 0) + 0.5) as int) as varchar),
        cast(r.tenure_cases as varchar)
      ) else '' end
      || case when r.depth > 2 then '; ' || crm_say(
        'MRR {1} {2} % of {3}', case r.trend when 'shrunk' then crm_say('shrunk') else crm_say('not shrunk') end,
        cast(cast(floor(100.0 * r.trend_churned / nullif(r.trend_cases, 0) + 0.5) as int) as varchar),
        cast(r.trend_cases as varchar)
      ) else '' end
  end as reasons,
  case
    when r.kind_rate is null then '(none)' when r.kind_rate < 0.1 then '00-10 %'
    when r.kind_rate >= 0.9 then '90-100 %'
    else cast(10 * cast(floor(10 * r.kind_rate) as int) as varchar) || '-'
      || cast(10 * cast(floor(10 * r.kind_rate) as int) + 10 as varchar) || ' %'
  end as calibration_band,
  r.is_history, r.is_current,
  case when r.is_current = 1 and r.predicted_rate is not null then 1 else 0 end as is_current_rated,
  case when r.is_current = 1 then r.predicted_rate end as current_rate,
  case when r.is_current = 1 then r.predicted_rate * r.mrr end as expected_loss,
  case when r.is_history = 1 and r.cases > 0 then 1 else 0 end as is_tested,
  case when r.is_history = 1 then r.predicted_rate end as tested_rate,
  case when r.is_history = 1 and r.cases > 0 then r.lost else 0 end as tested_churned,
  case
    when r.is_current = 0 then '(none)'
    when r.trend = 'shrunk' then 'Ask what they no longer need, and agree what brings it back'
    when r.tenure = 'first year' then 'Check that their first goals are reached; train who is missing'
    else 'Book a review with the customer'
  end as next_action
from rated as r

/*---
label: Results by rep
grain: one row per opportunity, and per month with a target, team and owner
time: period_date
needs: [opportunity]
dimensions: {owner: Owner, team: Team, stage: Stage, step: Step, status: Status, currency: Currency, pipeline: Pipeline}
columns: {deal_name: Opportunity, period_date: Date, won_amount: Won, open_amount: Open amount, target_amount: Target}
measures:
  rep_won_deals: {label: Won deals, unit: count, sql: sum(is_won)}
  rep_average_deal: {label: Average deal, unit: money, sql: "1.0 * sum(won_amount) / nullif(sum(is_won_with_amount), 0)"}
  rep_win_rate: {label: Win rate, unit: percent, sql: "1.0 * sum(is_won) / nullif(sum(is_closed), 0)"}
  rep_cycle: {label: Sales cycle (days), unit: days, sql: "1.0 * sum(cycle_days) / nullif(count(cycle_days), 0)"}
  rep_open_value: {label: Open amount, unit: money, sql: sum(open_amount)}
  rep_target_value: {label: Target, unit: money, sql: sum(target_amount)}
  rep_attainment: {label: Target attainment, unit: percent, sql: "1.0 * sum(target_won_amount) / nullif(sum(target_amount), 0)"}
questions: ["Who sells what, how often and how fast?", "Where does each rep's open pipeline stand?"]
---*/
-- A closed deal counts on the day it was closed, an open one today. Targets, and what was won in
-- the months that have one, come from pipeline_periods; they know no stage, status, currency or
-- pipeline, so there they are '(target)'.
select
  o.owner as owner,
  o.team as team,
  o.opportunity_name as deal_name,
  o.stage as stage,
  o.step as step,
  o.status as status,
  o.currency as currency,
  o.pipeline as pipeline,
  o.pipeline_date as period_date,
  o.is_won as is_won,
  o.is_closed as is_closed,
  o.is_open as is_open,
  o.is_won_with_amount as is_won_with_amount,
  o.won_amount as won_amount,
  o.open_amount as open_amount,
  o.cycle_days as cycle_days,
  cast(null as double) as target_amount,
  cast(null as double) as target_won_amount
from opportunities as o
union all
select
  p.owner as owner,
  p.team as team,
  '(target)' as deal_name,
  '(target)' as stage,
  '(target)' as step,
  '(target)' as status,
  '(target)' as currency,
  '(target)' as pipeline,
  p.month_start as period_date,
  0 as is_won,
  0 as is_closed,
  0 as is_open,
  0 as is_won_with_amount,
  cast(null as double) as won_amount,
  cast(null as double) as open_amount,
  cast(null as bigint) as cycle_days,
  p.target_amount as target_amount,
  p.won_amount as target_won_amount
from pipeline_periods as p

/*---
label: Forecasts
grain: one row per forecast period, team and owner
time: period_start
needs: [opportunity]
dimensions: {owner: Owner, team: Team, horizon: Horizon}
columns: {won_amount: Won, commit_amount: Commit, weighted_open_amount: Weighted open, forecast_amount: Forecast, best_case_amount: Best case, worst_case_amount: Worst case, target_amount: Target, forecast_before: Forecast before the period, measured_actual: Actual, absolute_error: Error, bias_amount: Bias}
measures:
  forecast_value: {label: Forecast, unit: money, sql: sum(forecast_amount)}
  won_value: {label: Won, unit: money, sql: sum(won_amount)}
  commit_value: {label: Commit, unit: money, sql: sum(commit_amount)}
  weighted_value: {label: Weighted open, unit: money, sql: sum(weighted_open_amount)}
  best_case_value: {label: Best case, unit: money, sql: sum(best_case_amount)}
  target_value: {label: Target, unit: money, sql: sum(target_amount)}
  forecast_before_value: {label: Forecast before the period, unit: money, sql: sum(forecast_before)}
  actual_value: {label: Actual, unit: money, sql: sum(measured_actual)}
settings:
  forecast_period: {default: month, about: length of a forecast period (month or quarter)}
  forecast_lead_days: {default: 1, about: days before the period begins at which the forecast is taken for its accuracy}
questions: ["What will this period bring?", "How good were our forecasts?"]
---*/
-- Now: won, commit in full, the other open deals by the win rate of their stage; omitted ones and
-- those due in a period that is over count nothing. Before: the same from the last snapshots taken
-- before the period began (per owner where owners hand in totals, per run where deals are listed).
-- Where no deal has an amount nothing of it is known.
with days as (
  select
    date_day, day_no, days_ago,
    case when $forecast_period = 'quarter' then quarter_start else month_start end as period_start
  from calendar
),
periods as (
  select period_start, min(day_no) as first_no, min(days_ago) as ends_ago, max(days_ago) as starts_ago
  from days group by period_start
),
deals as (
  select
    o.person_id, o.owner, o.team, o.is_won,
    case when o.is_won = 1 then d.period_start else e.period_start end as period_start,
    coalesce(o.won_amount, 0.0) as won_part,
    case when o.forecast_category = 'omitted' then 0.0 else coalesce(o.open_amount, 0.0) end as open_part,
    case when o.forecast_category = 'omitted' then 0.0 else coalesce(o.weighted_amount, 0.0) end as weighted_part,
    o.forecast_category
  from opportunities as o
  left join days as d on d.date_day = o.closed_date
  left join days as e on e.date_day = o.expected_close_date
  where o.is_won = 1 or o.is_open = 1
),
snapshots as (
  select
    p.period_start,
    coalesce(f.owner_id, o.owner_id) as owner_id,
    d.day_no,
    max(d.day_no) over (
      partition by p.period_start,
        case when f.opportunity_id is null then coalesce(f.owner_id, '(none)') else '(deals)' end
    ) as latest_no,
    case
      when f.forecast_category in ('closed', 'commit') then f.amount_base
      when f.forecast_category = 'omitted' then 0.0
      else f.amount_base * coalesce(b.win_rate, s.probability, 0.0)
    end as forecast_part
  from forecast_snapshot as f
  inner join days as d on d.date_day = f.snapshot_date
  inner join days as t on t.date_day = f.period_start
  inner join periods as p on p.period_start = t.period_start
  left join opportunity as o on o.id = f.opportunity_id
  left join stage as s on s.id = f.stage_id
  left join stage_benchmarks as b on b.stage_id = f.stage_id
  where d.day_no <= p.first_no - $forecast_lead_days
),
parts as (
  select
    d.period_start, d.person_id, d.owner, d.team, d.won_part,
    case when d.is_won = 0 and d.forecast_category = 'commit' then d.open_part else 0.0 end as commit_part,
    case when d.is_won = 0 and d.forecast_category <> 'commit' then d.weighted_part else 0.0 end as weighted_part,
    case
      when d.is_won = 1 or d.forecast_category = 'commit' then 0.0
      when d.forecast_category = 'best_case' then d.open_part
      else d.weighted_part
    end as best_part,
    0.0 as target_part, 0.0 as forecast_part, 0 as is_snapshot
  from deals as d
  inner join periods as p on p.period_start = d.period_start
  where d.is_won = 1 or p.ends_ago <= 0
  union all
  select
    s.period_start as period_start,
    h.person_id as person_id,
    coalesce(u.name, '(none)') as owner,
    coalesce(m.name, '(none)') as team,
    0.0 as won_part, 0.0 as commit_part, 0.0 as weighted_part, 0.0 as best_part, 0.0 as target_part,
    s.forecast_part as forecast_part, 1 as is_snapshot
  from snapshots as s
  left join "user" as u on u.id = s.owner_id
  left join people as h on h.user_id = s.owner_id
  left join team as m on m.id = u.team_id
  where s.day_no = s.latest_no
  union all
  select
    d.period_start as period_start,
    q.person_id as person_id,
    q.owner as owner,
    q.team as team,
    0.0 as won_part, 0.0 as commit_part, 0.0 as weighted_part, 0.0 as best_part,
    q.target_amount as target_part,
    0.0 as forecast_part, 0 as is_snapshot
  from pipeline_periods as q
  inner join days as d on d.date_day = q.month_start
),
known as (
  select case when count(*) = 0 or count(amount_base) > 0 then 1.0 end as of_amount
  from opportunity
),
summed as (
  select
    period_start, person_id, owner, team,
    sum(won_part) * max(k.of_amount) as won_amount,
    sum(commit_part) * max(k.of_amount) as commit_amount,
    sum(weighted_part) * max(k.of_amount) as weighted_open_amount,
    sum(best_part) * max(k.of_amount) as best_open_amount,
    sum(target_part) as target_amount,
    sum(forecast_part) as before_amount,
    max(is_snapshot) as is_with_snapshot
  from parts cross join known as k
  group by period_start, person_id, owner, team
),
measured as (
  select
    s.*,
    case
      when p.ends_ago > 0 then 'over' when p.starts_ago >= 0 then 'current'
      when p.starts_ago > -100 then 'next 100 days' else 'later'
    end as horizon,
    case
      when p.ends_ago <= 0 then 0
      else max(s.is_with_snapshot) over (partition by s.period_start)
    end as is_measured
  from summed as s
  inner join periods as p on p.period_start = s.period_start
)
select
  period_start, person_id, owner, team, horizon,
  won_amount, commit_amount, weighted_open_amount,
  won_amount + commit_amount + weighted_open_amount as forecast_amount,
  won_amount + commit_amount + best_open_amount as best_case_amount,
  won_amount + commit_amount as worst_case_amount,
  target_amount, is_measured,
  case when is_measured = 1 then before_amount end as forecast_before,
  case when is_measured = 1 then won_amount end as measured_actual,
  case when is_measured = 1 then abs(before_amount - won_amount) end as absolute_error,
  case when is_measured = 1 then before_amount - won_amount end as bias_amount
from measured

-- A goal is set per interval, for a duration: a quota over the duration is the sum of its intervals.
-- Goals counted in deals, of teams (which no loader brings) and without an end are left out.
with sized as (
  select
    g.*,
    lower(trim(g.type_name)) as kind,
    lower(trim(g.expected_outcome_tracking_metric)) as metric,
    lower(trim(g.assignee_type)) as assigned_to,
    g.duration_end - cast(g.duration_start as date) + 1 as days,
    case lower(trim(g.interval))
      when 'weekly' then 7.0
      when 'monthly' then 30.4375
      when 'quarterly' then 91.3125
      when 'yearly' then 365.25
    end as interval_days
  from goals as g
),
counted as (
  select
    s.*,
    case
      when s.days < 1.5 * s.interval_days then 1.0
      else round(s.days / nullif(s.interval_days, 0))
    end as intervals,
    case
      when s.kind = 'deals_won' and s.metric = 'sum' then 'bookings'
      when s.kind = 'deals_started' and s.metric = 'sum' then 'pipeline'
      when s.kind = 'activities_completed' then 'activities'
    end as goal_measure
  from sized as s
)
select
  g.id,
  not coalesce(g.is_active, true) as is_deleted,
  case when g.assigned_to = 'person' then nullif(trim(g.assignee_id), '') end as owner_id,
  g.duration_start as period_start,
  g.duration_end as period_end,
  g.goal_measure as measure,
  g.expected_outcome_target * g.intervals as target_amount,
  upper(nullif(trim(c.code), '')) as currency
from counted as g
left join currencies as c on c.id = g.expected_outcome_currency_id
where g.id is not null and g.goal_measure is not null and g.assigned_to in ('person', 'company')
  and g.days > 0 and g.intervals is not null and g.expected_outcome_target is not null

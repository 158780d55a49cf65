/*---
label: Onboarding
grain: one row per account that became a customer
time: start_date
needs: [account, product_usage_event]
opens: {account_id: account}
dimensions: {account_name: Account, owner: Owner, csm: Customer success manager, team: Team, region: Region, segment: Segment, industry: Industry, onboarding_status: Onboarding}
columns: {start_date: Customer since, core_events_reached: Core events reached, core_events_total: Core events, days_since_start: Days since start, days_to_activation: Days to activation, days_late: Days late, next_action: Next action}
measures:
  late_onboardings: {label: Late onboardings, unit: count, sql: "coalesce(sum(is_late), 0)"}
settings:
  core_events: {default: [connect_data, invite_team, first_report], about: the product features (or events) that a customer must reach to get value}
  activation_days: {default: 30, about: days after the start within which a customer should reach every core event}
  onboarding_days: {default: 60, about: days after the start when onboarding is due to be finished}
  onboarding_list_days: {default: 180, about: a late onboarding is listed until this many days after the start}
questions: ["Which new customers are stuck?", "How long until a customer gets value?"]
---*/
-- A customer starts with the first paid subscription, else the first MRR movement, else the day
-- the CRM says; usage before that counts as day 0. A core event nobody ever reached is taken for
-- misspelt; when that is all of them nothing can be said, and the rates are empty, not zero.
with subscribed as (
  select account_id, min(s.start_date) as start_date
  from subscription as s where status <> 'trialing' group by account_id
),
moved as (
  select account_id, min(movement_date) as start_date
  from mrr_movement where mrr_change > 0 group by account_id
),
starts as (
  select
    a.id as account_id,
    a.name as account_name,
    a.region, a.segment, a.industry, a.owner_id, a.csm_user_id,
    coalesce(s.start_date, m.start_date, a.customer_since) as start_date
  from account as a
  left join subscribed as s on s.account_id = a.id
  left join moved as m on m.account_id = a.id
),
reached as (
  select e.account_id, e.feature, min(c.day_no) as first_day_no
  from product_usage_event as e
  join calendar as c on c.date_day = e.event_date
  where e.feature in $core_events and e.event_count > 0 and c.days_ago >= 0
  group by e.account_id, e.feature
),
per_account as (
  select account_id, count(*) as events_reached, max(first_day_no) as last_day_no
  from reached where account_id is not null group by account_id
),
wanted as (
  -- of usage by nobody known nothing can be said either
  select case when count(account_id) > 0 then count(distinct feature) else 0 end as events_total
  from reached
),
progress as (
  select
    s.*,
    c.days_ago as days_since_start,
    w.events_total as core_events_total,
    coalesce(p.events_reached, 0) as core_events_reached,
    case when p.events_reached = w.events_total then 1 else 0 end as is_complete,
    case
      when p.events_reached < w.events_total then null
      when p.last_day_no < c.day_no then 0
      else p.last_day_no - c.day_no
    end as days_to_activation
  from starts as s
  join calendar as c on c.date_day = s.start_date
  cross join wanted as w
  left join per_account as p on p.account_id = s.account_id
  where c.days_ago >= 0
),
judged as (
  select
    p.*,
    case when p.core_events_total > 0 and p.days_since_start > $activation_days then 1 else 0 end
      as is_activation_due,
    case when p.core_events_total > 0 and p.days_since_start > $onboarding_days then 1 else 0 end
      as is_onboarding_due,
    case when p.days_to_activation <= $activation_days then 1 else 0 end as is_activated,
    case when m.account_id is null then 0 else 1 end as is_customer
  from progress as p
  left join account_periods as m on m.account_id = p.account_id
    and m.period_type = 'month' and m.is_complete = 0 and m.end_customers = 1
),
flagged as (
  select
    j.*,
    case
      when j.is_onboarding_due = 1 and j.is_complete = 0 and j.is_customer = 1
        and j.days_since_start <= $onboarding_list_days then 1 else 0
    end as is_late
  from judged as j
)
select
  f.account_id,
  coalesce(f.account_name, '(unknown)') as account_name,
  coalesce(o.name, '(none)') as owner,
  coalesce(s.name, o.name, '(none)') as csm,
  coalesce(t.name, '(none)') as team,
  coalesce(f.region, '(none)') as region,
  coalesce(f.segment, '(none)') as segment,
  coalesce(f.industry, '(none)') as industry,
  f.start_date, f.days_since_start, f.core_events_reached, f.core_events_total,
  f.days_to_activation, f.is_customer, f.is_activation_due, f.is_onboarding_due,
  f.is_activated,
  f.is_activated * f.is_activation_due as is_activated_due,
  f.is_complete,
  f.is_complete * f.is_onboarding_due as is_complete_due,
  f.is_late,
  case when f.is_late = 1 then f.days_since_start - $onboarding_days else 0 end as days_late,
  case
    when f.core_events_total = 0 then 'not measured'
    when f.is_complete = 1 then 'finished'
    when f.is_onboarding_due = 1 then 'overdue'
    else 'running'
  end as onboarding_status,
  case
    when f.is_complete = 1 or f.core_events_total = 0 then ''
    when f.core_events_reached = 0 then 'Call: the customer has not begun; agree on the first step'
    else 'Walk through the core events that are missing'
  end as next_action
from flagged as f
left join "user" as o on o.id = f.owner_id
left join "user" as s on s.id = f.csm_user_id
left join team as t on t.id = o.team_id

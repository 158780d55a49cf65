/*---
label: Product usage
grain: one row per account and day with product usage
time: event_date
needs: [product_usage_event]
dimensions: {account_name: Account, owner: Owner, csm: Customer success manager, team: Team, region: Region, segment: Segment, industry: Industry}
columns: {events: Events, core_events: Core events, features: Features used, active_users: Users, minutes: Minutes}
settings:
  value_events: {default: [connect_data, invite_team, first_report], about: the product features (or events) whose use shows that a customer gets value}
questions: ["Do customers use what gives them value?", "How often do they come?"]
---*/
with usage as (
  select
    e.account_id,
    e.event_date,
    sum(e.event_count) as events,
    sum(case when e.feature in $value_events then e.event_count else 0 end) as core_events,
    count(distinct e.feature) as features,
    count(distinct coalesce(e.contact_id, e.visitor_id)) as active_users,
    sum(e.minutes) as minutes
  from product_usage_event as e
  where e.account_id is not null and e.event_count > 0
  group by e.account_id, e.event_date
)
select
  x.account_id,
  x.event_date,
  c.days_ago,
  coalesce(a.name, '(unknown)') as account_name,
  coalesce(o.name, '(none)') as owner,
  coalesce(s.name, o.name, '(none)') as csm,
  coalesce(t.name, '(none)') as team,
  coalesce(a.region, '(none)') as region,
  coalesce(a.segment, '(none)') as segment,
  coalesce(a.industry, '(none)') as industry,
  1 as is_active,
  x.events,
  x.core_events,
  x.features,
  x.active_users,
  x.minutes
from usage as x
left join calendar as c on c.date_day = x.event_date
left join account as a on a.id = x.account_id
left join "user" as o on o.id = a.owner_id
left join "user" as s on s.id = a.csm_user_id
left join team as t on t.id = o.team_id

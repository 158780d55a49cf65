/*---
label: Data freshness
grain: one row per source and entity
company_wide: true
time: as_of_date
needs: []
dimensions: {source: Source, entity: Entity}
columns: {newest_date: Newest change, hours_since_change: Hours since, synced_date: Last load, hours_since_load: Hours since the last load, source_age: Hours since anything new of the source}
measures:
  trust: {label: Can the numbers be trusted today?, unit: text, sql: "case when count(source_age) = 0 then '' when count(distinct case when source_age > $dead_hours then source end) > 0 then crm_say('■ No: {1} of {2} sources brought nothing new for {3} days', crm_text(count(distinct case when source_age > $dead_hours then source end)), crm_text(count(distinct case when source_age is not null then source end)), crm_text($dead_hours / 24.0)) when count(distinct case when source_age > $stale_hours then source end) > 0 then crm_say('▲ With care: {1} of {2} sources brought nothing new for {3} days', crm_text(count(distinct case when source_age > $stale_hours then source end)), crm_text(count(distinct case when source_age is not null then source end)), crm_text($stale_hours / 24.0)) else crm_say('● Yes: all {1} sources brought something new in the last {2} days', crm_text(count(distinct case when source_age is not null then source end)), crm_text($stale_hours / 24.0)) end"}
settings:
  stale_hours: {default: 48, about: hours without anything new from a source after which numbers are read with care}
  dead_hours: {default: 168, about: hours without anything new from a source after which numbers are not to be trusted}
questions:
  - "Can the other numbers be trusted today?"
---*/
-- The hour of now is not known, only the day: hours are whole days times 24, 0 for today.
with changes as (
  select
    'account' as entity, source_system, synced_date,
    coalesce(updated_date, created_date) as day
  from account
  union all
  select
    'contact' as entity, source_system, synced_date,
    coalesce(updated_date, created_date) as day
  from contact
  union all
  select
    'lead' as entity, source_system, synced_date,
    coalesce(updated_date, created_date) as day
  from lead
  union all
  select
    'opportunity' as entity, source_system, synced_date,
    coalesce(updated_date, created_date) as day
  from opportunity
  union all
  select
    'activity' as entity, source_system, synced_date,
    coalesce(updated_date, created_date) as day
  from activity
  union all
  select
    'campaign_member' as entity, source_system, synced_date,
    coalesce(updated_date, created_date, responded_date) as day
  from campaign_member
  union all
  select
    'email_event' as entity, source_system, synced_date,
    coalesce(updated_date, created_date, occurred_date) as day
  from email_event
  union all
  select
    'marketing_spend' as entity, source_system, synced_date,
    coalesce(updated_date, created_date, spend_date) as day
  from marketing_spend
  union all
  select
    'ticket' as entity, source_system, synced_date,
    coalesce(updated_date, created_date) as day
  from ticket
  union all
  select
    'survey_response' as entity, source_system, synced_date,
    coalesce(updated_date, created_date, responded_date) as day
  from survey_response
  union all
  select
    'subscription' as entity, source_system, synced_date,
    coalesce(updated_date, created_date, start_date) as day
  from subscription
  union all
  select
    'invoice' as entity, source_system, synced_date,
    coalesce(updated_date, created_date, issued_date) as day
  from invoice
  union all
  select
    'product_usage_event' as entity, source_system, synced_date,
    coalesce(updated_date, created_date, occurred_date, event_date) as day
  from product_usage_event
  union all
  select
    'user_login' as entity, source_system, synced_date,
    coalesce(updated_date, created_date, logged_in_date) as day
  from user_login
),
newest as (
  select
    coalesce(source_system, '(none)') as source,
    entity,
    max(day) as newest_date,
    max(c.synced_date) as synced_date
  from changes as c
  group by coalesce(source_system, '(none)'), entity
)
select
  n.source,
  n.entity,
  t.date_day as as_of_date,
  n.newest_date,
  case when c.days_ago > 0 then 24 * c.days_ago when c.days_ago <= 0 then 0 end as hours_since_change,
  n.synced_date,
  case when s.days_ago > 0 then 24 * s.days_ago when s.days_ago <= 0 then 0 end as hours_since_load,
  min(
    case
      when coalesce(s.days_ago, c.days_ago) is null then null
      when coalesce(s.days_ago, c.days_ago) <= 0 or c.days_ago <= 0 then 0
      when c.days_ago < s.days_ago then 24 * c.days_ago
      else 24 * coalesce(s.days_ago, c.days_ago)
    end
  ) over (partition by n.source) as source_age
from newest as n
inner join calendar as t on t.days_ago = 0
left join calendar as c on c.date_day = n.newest_date
left join calendar as s on s.date_day = n.synced_date

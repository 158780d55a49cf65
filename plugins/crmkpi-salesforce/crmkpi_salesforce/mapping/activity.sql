-- Copies of an event for its invitees (is_child) are left out. A logged call without a direction
-- is an outbound one. An event counts as held when it ended before the newest sync.
with horizon as (
  select max(coalesce(_fivetran_synced, last_modified_date, created_date)) as now_at from event
),
replies as (
  select activity_id, max(case when incoming then 1 else 0 end) as is_incoming
  from email_message
  where activity_id is not null and not coalesce(is_deleted, false)
  group by activity_id
),
tasks as (
  select
    t.*,
    case
      when lower(t.task_subtype) = 'call' or lower(t.type) = 'call' then 'call'
      when lower(t.task_subtype) in ('email', 'listemail', 'list email') or lower(t.type) = 'email'
        then 'email'
      when lower(t.type) like '%meeting%' or lower(t.type) like '%demo%' then 'meeting'
      when lower(t.type) = 'sms' then 'sms'
      when lower(t.type) = 'chat' then 'chat'
      else 'task'
    end as activity_type,
    case
      when coalesce(t.is_closed, lower(t.status) = 'completed') then 'completed'
      when lower(t.status) like '%cancel%' then 'cancelled'
      else 'open'
    end as state,
    r.is_incoming
  from task as t
  left join replies as r on r.activity_id = t.id
),
events as (
  select
    e.*,
    coalesce(e.start_date_time, e.activity_date_time) as starts_at,
    case
      when lower(e.subject) like 'cancel%' then 'cancelled'
      when coalesce(e.end_date_time, e.start_date_time, e.activity_date_time) <= h.now_at
        then 'completed'
      else 'open'
    end as state
  from event as e
  cross join horizon as h
  where not coalesce(e.is_child, false)
),
both_kinds as (
  select
    id, created_date, last_modified_date, is_deleted, activity_type,
    case
      when is_incoming = 1 or lower(call_type) = 'inbound' then 'inbound'
      when lower(call_type) = 'internal' then null
      when activity_type in ('call', 'email') then 'outbound'
    end as direction,
    subject, state, call_disposition as outcome, owner_id, account_id, who_id, what_id,
    cast(null as timestamp) as scheduled_at,
    activity_date as due_at,
    case when state = 'completed' then coalesce(completed_date_time, created_date) end as occurred_at,
    case when state = 'completed' then coalesce(completed_date_time, last_modified_date) end
      as completed_at,
    call_duration_in_seconds as duration_seconds
  from tasks
  union all
  select
    id, created_date, last_modified_date, is_deleted,
    case when lower(type) = 'call' then 'call' else 'meeting' end as activity_type,
    'outbound' as direction,
    subject, state, cast(null as varchar) as outcome, owner_id, account_id, who_id, what_id,
    starts_at as scheduled_at,
    cast(starts_at as date) as due_at,
    starts_at as occurred_at,
    case when state = 'completed' then coalesce(end_date_time, starts_at) end as completed_at,
    cast(duration_in_minutes * 60 as bigint) as duration_seconds
  from events
)
select
  id,
  created_date as created_at,
  last_modified_date as updated_at,
  coalesce(is_deleted, false) as is_deleted,
  activity_type,
  direction,
  nullif(trim(subject), '') as subject,
  state as status,
  nullif(trim(outcome), '') as outcome,
  case when owner_id not like '00G%' then owner_id end as owner_id,
  coalesce(nullif(trim(account_id), ''), case when what_id like '001%' then what_id end) as account_id,
  case when who_id like '003%' then who_id end as contact_id,
  case when who_id like '00Q%' then who_id end as lead_id,
  case when what_id like '006%' then what_id end as opportunity_id,
  case when what_id like '500%' then what_id end as ticket_id,
  scheduled_at,
  due_at,
  occurred_at,
  completed_at,
  duration_seconds
from both_kinds

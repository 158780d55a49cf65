-- A call or meeting happened when it was held, a task when it was completed (its last change). Mass
-- mailings (type campaign) are in email_event. The parent is one of five modules; calls, meetings
-- and emails name further people in tables of their own, of which the first counts.
with people as (
  select call_id as activity_id, min(contact_id) as contact_id, cast(null as varchar) as lead_id
  from calls_contacts where not coalesce(deleted, false) group by call_id
  union all
  select call_id as activity_id, cast(null as varchar) as contact_id, min(calls_leads.lead_id) as lead_id
  from calls_leads where not coalesce(deleted, false) group by call_id
  union all
  select meeting_id as activity_id, min(contact_id) as contact_id, cast(null as varchar) as lead_id
  from meetings_contacts where not coalesce(deleted, false) group by meeting_id
  union all
  select meeting_id as activity_id, cast(null as varchar) as contact_id, min(meetings_leads.lead_id) as lead_id
  from meetings_leads where not coalesce(deleted, false) group by meeting_id
  union all
  select
    email_id as activity_id,
    min(case when lower(trim(bean_module)) = 'contacts' then bean_id end) as contact_id,
    min(case when lower(trim(bean_module)) = 'leads' then bean_id end) as lead_id
  from emails_beans where not coalesce(deleted, false) group by email_id
),
named as (
  select activity_id, min(people.contact_id) as contact_id, min(people.lead_id) as lead_id
  from people group by activity_id
),
kinds as (
  select
    id, date_entered, date_modified, deleted, 'call' as activity_type, direction, name, status,
    assigned_user_id, parent_type, parent_id, cast(null as varchar) as contact_id,
    date_start as scheduled_at, date_start as due_at,
    case when lower(trim(status)) = 'held' then date_start end as occurred_at,
    case when lower(trim(status)) = 'held' then coalesce(date_end, date_start) end as completed_at,
    coalesce(duration_hours, 0) * 3600 + duration_minutes * 60 as duration_seconds
  from calls
  union all
  select
    id, date_entered, date_modified, deleted, 'meeting' as activity_type,
    cast(null as varchar) as direction, name, status, assigned_user_id, parent_type, parent_id,
    cast(null as varchar) as contact_id, date_start as scheduled_at, date_start as due_at,
    case when lower(trim(status)) = 'held' then date_start end as occurred_at,
    case when lower(trim(status)) = 'held' then coalesce(date_end, date_start) end as completed_at,
    coalesce(duration_hours, 0) * 3600 + duration_minutes * 60 as duration_seconds
  from meetings
  union all
  select
    id, date_entered, date_modified, deleted, 'task' as activity_type,
    cast(null as varchar) as direction, name, status, assigned_user_id, parent_type, parent_id,
    contact_id, date_start as scheduled_at, date_due as due_at,
    case when lower(trim(status)) = 'completed' then date_modified end as occurred_at,
    case when lower(trim(status)) = 'completed' then date_modified end as completed_at,
    cast(null as bigint) as duration_seconds
  from tasks
  union all
  select
    id, date_entered, date_modified, deleted, 'note' as activity_type,
    cast(null as varchar) as direction, name, 'completed' as status, assigned_user_id, parent_type,
    parent_id, contact_id, cast(null as timestamp) as scheduled_at, cast(null as timestamp) as due_at,
    date_entered as occurred_at, date_entered as completed_at, cast(null as bigint) as duration_seconds
  from notes
  union all
  select
    id, date_entered, date_modified, deleted, 'email' as activity_type,
    case lower(trim(type)) when 'out' then 'outbound' when 'inbound' then 'inbound' end as direction,
    name,
    case
      when lower(trim(type)) = 'draft' or lower(trim(status)) = 'draft' then 'draft'
      when lower(trim(status)) = 'send_error' then 'send_error'
      else 'completed'
    end as status,
    assigned_user_id, parent_type, parent_id, cast(null as varchar) as contact_id,
    cast(null as timestamp) as scheduled_at, cast(null as timestamp) as due_at,
    case when lower(trim(coalesce(type, ''))) <> 'draft' and lower(trim(coalesce(status, ''))) not in ('draft', 'send_error')
      then date_sent_received end as occurred_at,
    case when lower(trim(coalesce(type, ''))) <> 'draft' and lower(trim(coalesce(status, ''))) not in ('draft', 'send_error')
      then date_sent_received end as completed_at,
    cast(null as bigint) as duration_seconds
  from emails
  where coalesce(lower(trim(type)), 'archived') <> 'campaign'
),
parents as (
  select k.*, lower(trim(k.parent_type)) as module, nullif(trim(k.parent_id), '') as parent
  from kinds as k
  where k.id is not null
)
select
  p.id,
  p.date_entered as created_at,
  p.date_modified as updated_at,
  coalesce(p.deleted, false) as is_deleted,
  p.activity_type,
  nullif(trim(p.direction), '') as direction,
  nullif(trim(p.name), '') as subject,
  nullif(trim(p.status), '') as status,
  nullif(trim(p.assigned_user_id), '') as owner_id,
  case when p.module = 'accounts' then p.parent end as account_id,
  coalesce(
    case when p.module = 'contacts' then p.parent end, nullif(trim(p.contact_id), ''), n.contact_id
  ) as contact_id,
  coalesce(case when p.module = 'leads' then p.parent end, n.lead_id) as lead_id,
  case when p.module = 'opportunities' then p.parent end as opportunity_id,
  case when p.module = 'cases' then p.parent end as ticket_id,
  p.scheduled_at,
  p.due_at,
  p.occurred_at,
  p.completed_at,
  p.duration_seconds
from parents as p
left join named as n on n.activity_id = p.id

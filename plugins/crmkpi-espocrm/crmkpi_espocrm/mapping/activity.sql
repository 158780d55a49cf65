-- A call or meeting happened when it was held; a task was done when EspoCRM says so, before version 8
-- at its last change. An email sent from EspoCRM is outbound, and so is an archived one from an
-- address of a user; other archived ones came in. Mail of the system itself is left out.
with people as (
  select call_id as activity_id, min(contact_id) as contact_id, cast(null as varchar) as lead_id
  from call_contact where not coalesce(deleted, false) group by call_id
  union all
  select call_id as activity_id, cast(null as varchar) as contact_id, min(call_lead.lead_id) as lead_id
  from call_lead where not coalesce(deleted, false) group by call_id
  union all
  select meeting_id as activity_id, min(contact_id) as contact_id, cast(null as varchar) as lead_id
  from contact_meeting where not coalesce(deleted, false) group by meeting_id
  union all
  select meeting_id as activity_id, cast(null as varchar) as contact_id, min(lead_meeting.lead_id) as lead_id
  from lead_meeting where not coalesce(deleted, false) group by meeting_id
),
named as (
  select activity_id, min(people.contact_id) as contact_id, min(people.lead_id) as lead_id
  from people group by activity_id
),
kinds as (
  select
    id, created_at, modified_at, deleted, 'call' as activity_type, direction, name, status,
    assigned_user_id, parent_type, parent_id, account_id, cast(null as varchar) as contact_id,
    date_start as scheduled_at, date_start as due_at,
    case when lower(trim(status)) = 'held' then date_start end as occurred_at,
    case when lower(trim(status)) = 'held' then coalesce(date_end, date_start) end as completed_at
  from calls
  union all
  select
    id, created_at, modified_at, deleted, 'meeting' as activity_type,
    cast(null as varchar) as direction, name, status, assigned_user_id, parent_type, parent_id,
    account_id, cast(null as varchar) as contact_id, date_start as scheduled_at, date_start as due_at,
    case when lower(trim(status)) = 'held' then date_start end as occurred_at,
    case when lower(trim(status)) = 'held' then coalesce(date_end, date_start) end as completed_at
  from meeting
  union all
  select
    id, created_at, modified_at, deleted, 'task' as activity_type,
    cast(null as varchar) as direction, name, status, assigned_user_id, parent_type, parent_id,
    account_id, contact_id, date_start as scheduled_at, date_end as due_at,
    case when lower(trim(status)) = 'completed' then coalesce(date_completed, modified_at) end
      as occurred_at,
    case when lower(trim(status)) = 'completed' then coalesce(date_completed, modified_at) end
      as completed_at
  from task
  union all
  select
    e.id, e.created_at, e.modified_at, e.deleted, 'email' as activity_type,
    case
      when lower(trim(e.status)) in ('sent', 'draft', 'sending', 'failed') or s.email_address_id is not null
        then 'outbound'
      when nullif(trim(e.from_email_address_id), '') is not null then 'inbound'
    end as direction,
    e.name, e.status, coalesce(nullif(trim(e.assigned_user_id), ''), nullif(trim(e.sent_by_id), ''))
      as assigned_user_id,
    e.parent_type, e.parent_id, e.account_id, cast(null as varchar) as contact_id,
    cast(null as timestamp) as scheduled_at, cast(null as timestamp) as due_at,
    case when lower(trim(e.status)) in ('sent', 'archived') then e.date_sent end as occurred_at,
    case when lower(trim(e.status)) in ('sent', 'archived') then e.date_sent end as completed_at
  from email as e
  left join user_address as s on s.email_address_id = e.from_email_address_id
  where not coalesce(e.is_system, false)
),
parents as (
  select k.*, lower(trim(k.parent_type)) as module, nullif(trim(k.parent_id), '') as parent
  from kinds as k
  where k.id is not null
)
select
  p.id,
  p.created_at,
  p.modified_at as updated_at,
  coalesce(p.deleted, false) as is_deleted,
  p.activity_type,
  nullif(trim(p.direction), '') as direction,
  nullif(trim(p.name), '') as subject,
  nullif(trim(p.status), '') as status,
  nullif(trim(p.assigned_user_id), '') as owner_id,
  coalesce(case when p.module = 'account' then p.parent end, nullif(trim(p.account_id), '')) as account_id,
  coalesce(
    case when p.module = 'contact' then p.parent end, nullif(trim(p.contact_id), ''), n.contact_id
  ) as contact_id,
  coalesce(case when p.module = 'lead' then p.parent end, n.lead_id) as lead_id,
  case when p.module = 'opportunity' then p.parent end as opportunity_id,
  case when p.module = 'case' then p.parent end as ticket_id,
  p.scheduled_at,
  p.due_at,
  p.occurred_at,
  p.completed_at
from parents as p
left join named as n on n.activity_id = p.id

-- Calls, events and tasks are modules of their own: the ids say which. The API gives one parent,
-- what_id, and its module, se_module. Rows of an export without
-- ids are numbered. An event counts as held when it began before the newest change of any event.
with horizon as (
  select max(coalesce(modified_time, created_time)) as now_at from events
),
numbered as (
  select
    t.*,
    coalesce(nullif(trim(t.task_id), ''), 'row-' || cast(row_number() over (
      order by t.created_time, t.task_owner, t.subject, t.due_date, t.status, t.modified_time
    ) as varchar)) as id
  from tasks as t
),
every_kind as (
  select
    'call-' || task_id as id,
    created_time, modified_time, 'call' as activity_type,
    case when lower(call_type) in ('inbound', 'missed') then 'inbound' else 'outbound' end as direction,
    subject,
    case
      when lower(call_status) like '%cancel%' then 'cancelled'
      when lower(call_status) in ('scheduled', 'overdue') then 'open'
      else 'completed'
    end as status,
    call_purpose as outcome, call_owner as owner_name, call_owner_id as owner_id,
    account_id, contact_id, lead_id, potential_id, what_id, se_module,
    call_start_time as scheduled_at, cast(null as date) as due_at,
    call_start_time as occurred_at, call_start_time as completed_at,
    call_duration_in_seconds as duration_seconds
  from calls
  where task_id is not null
  union all
  select
    'event-' || e.event_id as id,
    e.created_time, e.modified_time, 'meeting' as activity_type, 'outbound' as direction, e.subject,
    case when e.start_datetime <= h.now_at then 'completed' else 'open' end as status,
    cast(null as varchar) as outcome, e.event_owner as owner_name, e.event_owner_id as owner_id,
    e.account_id, e.contact_id, e.lead_id, e.potential_id, e.what_id, e.se_module,
    e.start_datetime as scheduled_at, cast(null as date) as due_at, e.start_datetime as occurred_at,
    case when e.start_datetime <= h.now_at then e.start_datetime end as completed_at,
    cast(null as bigint) as duration_seconds
  from events as e
  cross join horizon as h
  where e.event_id is not null
  union all
  select
    'task-' || id as id,
    created_time, modified_time, 'task' as activity_type, cast(null as varchar) as direction, subject,
    case when lower(trim(status)) = 'completed' then 'completed' else 'open' end as status,
    cast(null as varchar) as outcome, task_owner as owner_name, task_owner_id as owner_id,
    account_id, contact_id, lead_id, potential_id, what_id, se_module,
    cast(null as timestamp) as scheduled_at, due_date as due_at,
    cast(null as timestamp) as occurred_at,
    case when lower(trim(status)) = 'completed' then coalesce(closed_time, modified_time) end
      as completed_at,
    cast(null as bigint) as duration_seconds
  from numbered
)
select
  k.id,
  k.created_time as created_at,
  k.modified_time as updated_at,
  k.activity_type,
  k.direction,
  nullif(trim(k.subject), '') as subject,
  k.status,
  nullif(trim(k.outcome), '') as outcome,
  coalesce(k.owner_id, o.owner_id) as owner_id,
  coalesce(nullif(k.account_id, '0'), case when lower(k.se_module) = 'accounts' then k.what_id end)
    as account_id,
  nullif(k.contact_id, '0') as contact_id,
  coalesce(nullif(k.lead_id, '0'), case when lower(k.se_module) = 'leads' then k.what_id end)
    as lead_id,
  coalesce(
    nullif(k.potential_id, '0'),
    case when lower(k.se_module) in ('deals', 'potentials') then k.what_id end
  ) as opportunity_id,
  case when lower(k.se_module) = 'cases' then k.what_id end as ticket_id,
  k.scheduled_at,
  k.due_at,
  k.occurred_at,
  case when k.status = 'completed' then k.completed_at end as completed_at,
  k.duration_seconds
from every_kind as k
left join named_owner as o on o.owner_name = trim(k.owner_name)

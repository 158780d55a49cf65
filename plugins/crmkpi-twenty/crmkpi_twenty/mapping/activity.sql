-- Messages and calendar events count where a person of the CRM takes part: Twenty fetches whole
-- mailboxes. A message from a member is outbound, one from a person inbound. An event was held when it
-- ended before the newest change in the workspace. A task was done when the timeline says so, else at
-- its last change. Of several people or companies the first counts.
with moments as (
  select max(happens_at) as at from timeline_activity
  union all
  select max(updated_at) as at from calendar_event
  union all
  select max(updated_at) as at from message
  union all
  select max(updated_at) as at from opportunity
),
horizon as (
  select max(moments.at) as now_at from moments
),
done as (
  select target_task_id as task_id, max(happens_at) as done_at
  from timeline_activity
  where lower(trim(name)) = 'task.updated' and upper(trim(status_after)) = 'DONE' and deleted_at is null
  group by target_task_id
),
targets as (
  select
    task_id as activity_id, min(target_person_id) as person_id, min(target_company_id) as company_id,
    min(target_opportunity_id) as opportunity_id
  from task_target where deleted_at is null group by task_id
  union all
  select
    note_id as activity_id, min(target_person_id) as person_id, min(target_company_id) as company_id,
    min(target_opportunity_id) as opportunity_id
  from note_target where deleted_at is null group by note_id
),
target_of as (
  select
    activity_id, min(targets.person_id) as person_id, min(targets.company_id) as company_id,
    min(targets.opportunity_id) as opportunity_id
  from targets group by activity_id
),
parties as (
  select
    message_id,
    min(case when lower(trim(role)) = 'from' then person_id end) as from_person,
    min(case when lower(trim(role)) = 'from' then workspace_member_id end) as from_member,
    min(case when lower(trim(role)) = 'to' then person_id end) as to_person,
    min(case when lower(trim(role)) = 'to' then workspace_member_id end) as to_member,
    min(person_id) as any_person, min(workspace_member_id) as any_member
  from message_participant
  where deleted_at is null
  group by message_id
),
channels as (
  select message_id, min(upper(trim(direction))) as channel_direction
  from message_channel_message_association
  where deleted_at is null
  group by message_id
),
guests as (
  select
    calendar_event_id as event_id, min(calendar_event_participant.person_id) as person_id,
    min(case when is_organizer then workspace_member_id end) as organizer_id,
    min(workspace_member_id) as member_id
  from calendar_event_participant
  where deleted_at is null
  group by calendar_event_id
),
kinds as (
  select
    t.id, t.created_at, t.updated_at, t.deleted_at, 'task' as activity_type,
    cast(null as varchar) as direction, t.title as subject, t.status, t.assignee_id as member_id,
    g.person_id, g.company_id, g.opportunity_id, cast(null as timestamp) as scheduled_at, t.due_at,
    case when upper(trim(t.status)) = 'DONE' then coalesce(d.done_at, t.updated_at) end as occurred_at,
    case when upper(trim(t.status)) = 'DONE' then coalesce(d.done_at, t.updated_at) end as completed_at
  from task as t
  left join target_of as g on g.activity_id = t.id
  left join done as d on d.task_id = t.id
  union all
  select
    n.id, n.created_at, n.updated_at, n.deleted_at, 'note' as activity_type,
    cast(null as varchar) as direction, n.title as subject, 'completed' as status,
    n.created_by_workspace_member_id as member_id, g.person_id, g.company_id, g.opportunity_id,
    cast(null as timestamp) as scheduled_at, cast(null as timestamp) as due_at,
    n.created_at as occurred_at, n.created_at as completed_at
  from note as n
  left join target_of as g on g.activity_id = n.id
  union all
  select
    e.id, e.created_at, e.updated_at, e.deleted_at, 'meeting' as activity_type,
    cast(null as varchar) as direction, e.title as subject,
    case
      when e.is_canceled then 'cancelled'
      when coalesce(e.ends_at, e.starts_at) <= h.now_at then 'completed'
      else 'open'
    end as status,
    coalesce(g.organizer_id, g.member_id) as member_id, g.person_id, cast(null as varchar) as company_id,
    cast(null as varchar) as opportunity_id, e.starts_at as scheduled_at, e.starts_at as due_at,
    case when not coalesce(e.is_canceled, false) and coalesce(e.ends_at, e.starts_at) <= h.now_at
      then e.starts_at end as occurred_at,
    case when not coalesce(e.is_canceled, false) then
      case when coalesce(e.ends_at, e.starts_at) <= h.now_at then coalesce(e.ends_at, e.starts_at) end
    end as completed_at
  from calendar_event as e
  cross join horizon as h
  inner join guests as g on g.event_id = e.id and g.person_id is not null
  union all
  select
    m.id, m.created_at, m.updated_at, m.deleted_at, 'email' as activity_type,
    case
      when p.from_member is not null then 'outbound' when p.from_person is not null then 'inbound'
      else lower(c.channel_direction)
    end as direction,
    m.subject, 'completed' as status, coalesce(p.from_member, p.to_member, p.any_member) as member_id,
    coalesce(p.from_person, p.to_person, p.any_person) as person_id, cast(null as varchar) as company_id,
    cast(null as varchar) as opportunity_id, cast(null as timestamp) as scheduled_at,
    cast(null as timestamp) as due_at, m.received_at as occurred_at, m.received_at as completed_at
  from message as m
  inner join parties as p on p.message_id = m.id and p.any_person is not null
  left join channels as c on c.message_id = m.id
)
select
  k.id,
  k.created_at,
  k.updated_at,
  k.deleted_at is not null as is_deleted,
  k.activity_type,
  k.direction,
  nullif(trim(k.subject), '') as subject,
  nullif(trim(k.status), '') as status,
  k.member_id as owner_id,
  coalesce(k.company_id, p.company_id) as account_id,
  k.person_id as contact_id,
  k.opportunity_id,
  k.scheduled_at,
  k.due_at,
  k.occurred_at,
  k.completed_at
from kinds as k
left join person as p on p.id = k.person_id
where k.id is not null

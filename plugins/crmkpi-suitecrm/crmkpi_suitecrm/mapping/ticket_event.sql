-- Creation, audited changes, and updates. Statuses are the keys of SuiteCRM's list; the state Closed
-- or Open stands for itself, so that a reopened case shows as such.
with gone as (
  select id, coalesce(deleted, false) as is_deleted from cases
),
events as (
  select
    id || '/created' as id, id as ticket_id, date_entered as occurred_at,
    nullif(trim(contact_created_by_id), '') as actor_id,
    case when nullif(trim(contact_created_by_id), '') is not null then 'requester' else 'agent' end
      as actor_type,
    'created' as event_type, cast(null as varchar) as old_value, cast(null as varchar) as new_value,
    false as is_removed
  from cases
  union all
  select
    id, parent_id as ticket_id, date_created as occurred_at, nullif(trim(created_by), '') as actor_id,
    'agent' as actor_type,
    case lower(trim(field_name))
      when 'state' then 'status' when 'priority' then 'priority' else 'assignee'
    end as event_type,
    case when lower(trim(field_name)) = 'state' then lower(trim(before_value_string))
      else nullif(trim(before_value_string), '') end as old_value,
    case when lower(trim(field_name)) = 'state' then lower(trim(after_value_string))
      else nullif(trim(after_value_string), '') end as new_value,
    false as is_removed
  from cases_audit
  where lower(trim(field_name)) in ('state', 'priority', 'assigned_user_id')
  union all
  select
    id, case_id as ticket_id, date_entered as occurred_at,
    coalesce(nullif(trim(contact_id), ''), nullif(trim(assigned_user_id), '')) as actor_id,
    case
      when nullif(trim(contact_id), '') is not null or nullif(trim(assigned_user_id), '') is null
        then 'requester'
      else 'agent'
    end as actor_type,
    case
      when coalesce(internal, false) then 'private_note'
      when nullif(trim(contact_id), '') is not null or nullif(trim(assigned_user_id), '') is null
        then 'requester_reply'
      else 'public_reply'
    end as event_type,
    cast(null as varchar) as old_value, cast(null as varchar) as new_value,
    coalesce(deleted, false) as is_removed
  from aop_case_updates
)
select
  e.id,
  e.occurred_at as created_at,
  e.is_removed or coalesce(g.is_deleted, false) as is_deleted,
  e.ticket_id,
  e.occurred_at,
  e.actor_id,
  e.actor_type,
  e.event_type,
  e.old_value,
  e.new_value
from events as e
left join gone as g on g.id = e.ticket_id
where e.id is not null and e.ticket_id is not null and e.occurred_at is not null

-- Creation, the stream's changes, and emails. What a user of a portal does is the requester's, what
-- EspoCRM's own user or one of the API does is the system's. Comments in the stream are notes, unless
-- they are the requester's, though on a portal they may be seen.
with gone as (
  select id, coalesce(deleted, false) as is_deleted from cases
),
actors as (
  select
    id, case when lower(trim(type)) = 'portal' then 'requester' else 'system' end as actor_type
  from users
  where lower(trim(type)) in ('portal', 'system', 'api')
),
notes as (
  select
    n.id, n.parent_id as ticket_id, n.created_at, n.number,
    nullif(trim(n.created_by_id), '') as actor_id, coalesce(p.actor_type, 'agent') as actor_type,
    coalesce(n.deleted, false) as is_removed, lower(trim(n.type)) as kind, n.assigned_user_id,
    coalesce(
      nullif(lower(trim(n.became_status)), ''),
      case when lower(trim(n.status_field)) = 'status' then nullif(lower(trim(n.status_value)), '') end
    ) as status_then,
    nullif(lower(trim(n.was_status)), '') as status_was,
    nullif(trim(n.was_priority), '') as was_priority, nullif(trim(n.became_priority), '') as became_priority
  from note as n
  left join actors as p on p.id = n.created_by_id
  where lower(trim(n.parent_type)) = 'case' and n.id is not null
    and lower(trim(n.type)) in ('status', 'update', 'assign', 'post')
),
events as (
  select
    c.id || '/created' as id, c.id as ticket_id, c.created_at as occurred_at,
    case
      when nullif(trim(c.inbound_email_id), '') is not null then nullif(trim(c.contact_id), '')
      else nullif(trim(c.created_by_id), '')
    end as actor_id,
    case
      when nullif(trim(c.inbound_email_id), '') is not null then 'requester'
      else coalesce(p.actor_type, 'agent')
    end as actor_type,
    'created' as event_type, cast(null as varchar) as old_value, cast(null as varchar) as new_value,
    false as is_removed
  from cases as c
  left join actors as p on p.id = c.created_by_id
  union all
  select
    id || '/status' as id, ticket_id, created_at as occurred_at, actor_id,
    actor_type, 'status' as event_type,
    coalesce(status_was, lag(status_then) over (partition by ticket_id order by created_at, number, id))
      as old_value,
    status_then as new_value, is_removed
  from notes
  where kind in ('status', 'update') and status_then is not null
  union all
  select
    id || '/priority' as id, ticket_id, created_at as occurred_at, actor_id,
    actor_type, 'priority' as event_type,
    was_priority as old_value, became_priority as new_value, is_removed
  from notes
  where kind = 'update' and coalesce(was_priority, '') <> coalesce(became_priority, '')
  union all
  select
    id || '/assignee' as id, ticket_id, created_at as occurred_at, actor_id, actor_type,
    'assignee' as event_type, cast(null as varchar) as old_value,
    nullif(trim(assigned_user_id), '') as new_value, is_removed
  from notes
  where kind = 'assign'
  union all
  select
    id || '/post' as id, ticket_id, created_at as occurred_at, actor_id,
    actor_type,
    case when actor_type = 'requester' then 'requester_reply' else 'private_note' end as event_type,
    cast(null as varchar) as old_value, cast(null as varchar) as new_value, is_removed
  from notes
  where kind = 'post'
  union all
  select
    e.id, e.parent_id as ticket_id, e.date_sent as occurred_at,
    case when lower(trim(e.status)) = 'sent' then nullif(trim(e.sent_by_id), '') end as actor_id,
    case when lower(trim(e.status)) = 'sent' or s.email_address_id is not null then 'agent' else 'requester' end
      as actor_type,
    case
      when lower(trim(e.status)) = 'sent' or s.email_address_id is not null then 'public_reply'
      else 'requester_reply'
    end as event_type,
    cast(null as varchar) as old_value, cast(null as varchar) as new_value,
    coalesce(e.deleted, false) as is_removed
  from email as e
  left join user_address as s on s.email_address_id = e.from_email_address_id
  where lower(trim(e.parent_type)) = 'case' and lower(trim(e.status)) in ('sent', 'archived')
    and not coalesce(e.is_system, false)
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

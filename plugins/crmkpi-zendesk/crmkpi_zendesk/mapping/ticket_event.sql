-- Comments, and changes of status, priority, assignee and group. The comment that opens a ticket is its
-- creation. Comments and changes of nobody known (triggers, automations, bots) are the system's; but a
-- private comment of a person is an agent's.
with commented as (
  select
    c.id, c.ticket_id, c.user_id, c.created, coalesce(c.public, false) as is_public,
    case
      when c.user_id is null or c.user_id = '-1' then 'system'
      when c.user_id = t.requester_id then 'requester'
      when c.user_id = t.assignee_id or lower(trim(u.role)) in ('agent', 'admin')
        or not coalesce(c.public, false) then 'agent'
      when u.id is not null then 'requester'
      else 'system'
    end as actor_type,
    coalesce(c.user_id = t.submitter_id, false) or coalesce(c.created <= t.created_at, false)
      as may_open,
    row_number() over (partition by c.ticket_id order by c.created, c.id) as place
  from ticket_comment as c
  left join ticket as t on t.id = c.ticket_id
  left join "user" as u on u.id = c.user_id
  where c.ticket_id is not null and c.created is not null and c.id is not null
),
once as (
  select
    ticket_id, audit_id, lower(trim(field_name)) as field_name, updated, max(user_id) as user_id,
    case
      when lower(trim(field_name)) in ('assignee_id', 'group_id') then nullif(trim(value), '')
      when lower(trim(field_name)) = 'status' and lower(trim(value)) in ('hold', 'on-hold')
        then 'on_hold'
      else nullif(lower(trim(value)), '')
    end as value
  from ticket_field_history
  where ticket_id is not null and updated is not null
    and lower(trim(field_name)) in ('status', 'priority', 'assignee_id', 'group_id')
  group by
    ticket_id, audit_id, lower(trim(field_name)), updated,
    case
      when lower(trim(field_name)) in ('assignee_id', 'group_id') then nullif(trim(value), '')
      when lower(trim(field_name)) = 'status' and lower(trim(value)) in ('hold', 'on-hold')
        then 'on_hold'
      else nullif(lower(trim(value)), '')
    end
),
changed as (
  select
    o.*,
    lag(o.value) over (
      partition by o.ticket_id, o.field_name
      order by o.updated, coalesce(o.audit_id, ''), coalesce(o.value, '')
    ) as old_value,
    row_number() over (
      partition by o.ticket_id, o.field_name
      order by o.updated, coalesce(o.audit_id, ''), coalesce(o.value, '')
    ) as place
  from once as o
)
select
  'comment-' || id as id,
  created as created_at,
  ticket_id,
  created as occurred_at,
  case when actor_type <> 'system' then user_id end as actor_id,
  actor_type,
  case
    when not is_public then 'private_note'
    when actor_type = 'requester' then 'requester_reply'
    else 'public_reply'
  end as event_type,
  cast(null as varchar) as old_value,
  cast(null as varchar) as new_value
from commented
where not (place = 1 and may_open)
union all
select
  t.id || '/created' as id,
  t.created_at,
  t.id as ticket_id,
  t.created_at as occurred_at,
  t.submitter_id as actor_id,
  case
    when t.submitter_id = t.requester_id then 'requester'
    when lower(trim(u.role)) in ('agent', 'admin') then 'agent'
    when u.id is not null then 'requester'
    else 'system'
  end as actor_type,
  'created' as event_type,
  cast(null as varchar) as old_value,
  cast(null as varchar) as new_value
from ticket as t
left join "user" as u on u.id = t.submitter_id
where t.id is not null and t.created_at is not null
union all
select
  c.ticket_id || '/' || c.field_name || '/' || cast(c.place as varchar) as id,
  c.updated as created_at,
  c.ticket_id,
  c.updated as occurred_at,
  case when u.id is not null then c.user_id end as actor_id,
  case
    when c.user_id = t.requester_id and u.id is not null then 'requester'
    when lower(trim(u.role)) in ('agent', 'admin') or (c.user_id = t.assignee_id and u.id is not null)
      then 'agent'
    when u.id is not null then 'requester'
    else 'system'
  end as actor_type,
  case c.field_name
    when 'status' then 'status'
    when 'priority' then 'priority'
    when 'assignee_id' then 'assignee'
    else 'team'
  end as event_type,
  c.old_value,
  c.value as new_value
from changed as c
left join ticket as t on t.id = c.ticket_id
left join "user" as u on u.id = c.user_id
where c.place = 1 or coalesce(c.value, '') <> coalesce(c.old_value, '')

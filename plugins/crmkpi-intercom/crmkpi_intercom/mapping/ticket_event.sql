-- A part can be several things: a closing with a message is a reply and a change of status. Bots (Fin,
-- Operator, workflows) are the system. A conversation begins open.
with versions as (
  select
    c.*,
    coalesce(lower(trim(c.source_author_type)), 'user') in ('user', 'lead', 'contact', 'visitor')
      as is_inbound,
    row_number() over (
      partition by id order by case when updated_at is null then 1 else 0 end, updated_at desc
    ) as version_no
  from conversation_history as c
  where id is not null
),
numbered as (
  select
    p.*, lower(trim(p.part_type)) as kind,
    case lower(trim(p.author_type))
      when 'admin' then 'agent'
      when 'user' then 'requester'
      when 'lead' then 'requester'
      when 'contact' then 'requester'
      else 'system'
    end as actor_type,
    nullif(trim(p.body), '') is not null as has_message,
    row_number() over (
      partition by id order by case when updated_at is null then 1 else 0 end, updated_at desc
    ) as version_no
  from conversation_part_history as p
  where id is not null and conversation_id is not null and created_at is not null
),
parts as (
  select n.* from numbered as n where n.version_no = 1
),
moves as (
  select
    p.*,
    case
      when kind = 'close' then 'closed'
      when kind = 'snoozed' then 'on_hold'
      else 'open'
    end as status
  from parts as p
  where kind in ('close', 'open', 'snoozed') or kind like '%reopen' or kind like '%unsnooze%'
),
ordered as (
  select
    m.*,
    lag(status) over (partition by conversation_id order by created_at, id) as old_status
  from moves as m
)
select
  v.id || '/created' as id,
  case when v.is_inbound then v.created_at else v.first_contact_reply_created_at end as created_at,
  v.id as ticket_id,
  case when v.is_inbound then v.created_at else v.first_contact_reply_created_at end as occurred_at,
  case when v.is_inbound then v.source_author_id end as actor_id,
  'requester' as actor_type,
  'created' as event_type,
  cast(null as varchar) as old_value,
  cast(null as varchar) as new_value
from versions as v
where v.version_no = 1
  and case when v.is_inbound then v.created_at else v.first_contact_reply_created_at end is not null
union all
select
  p.id || '/message' as id,
  p.created_at,
  p.conversation_id as ticket_id,
  p.created_at as occurred_at,
  case when p.actor_type <> 'system' then p.author_id end as actor_id,
  p.actor_type,
  case
    when p.kind like 'note%' then 'private_note'
    when p.actor_type = 'requester' then 'requester_reply'
    else 'public_reply'
  end as event_type,
  cast(null as varchar) as old_value,
  cast(null as varchar) as new_value
from parts as p
where p.kind like 'note%' or (p.kind = 'comment' and p.actor_type = 'requester')
  or (p.kind in ('comment', 'assignment', 'close') and p.has_message)
union all
select
  p.id || '/assignment' as id,
  p.created_at,
  p.conversation_id as ticket_id,
  p.created_at as occurred_at,
  case when p.actor_type <> 'system' then p.author_id end as actor_id,
  p.actor_type,
  case when lower(trim(p.assigned_to_type)) = 'team' then 'team' else 'assignee' end as event_type,
  cast(null as varchar) as old_value,
  nullif(trim(p.assigned_to_id), '') as new_value
from parts as p
where p.kind like '%assign%'
union all
select
  o.id || '/status' as id,
  o.created_at,
  o.conversation_id as ticket_id,
  o.created_at as occurred_at,
  case when o.actor_type <> 'system' then o.author_id end as actor_id,
  o.actor_type,
  'status' as event_type,
  coalesce(o.old_status, 'open') as old_value,
  o.status as new_value
from ordered as o

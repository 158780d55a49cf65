-- A conversation that a teammate or a bot began is a ticket from the contact's first reply on, and none
-- without one. A reply is a message of a teammate, alone or with an assignment or a closing; never a
-- note, nor one of a bot. What is closed anew, or open, after a closing was reopened.
with versions as (
  select
    c.*, lower(trim(c.state)) as condition,
    coalesce(lower(trim(c.source_author_type)), 'user') in ('user', 'lead', 'contact', 'visitor')
      as is_inbound,
    row_number() over (
      partition by id order by case when updated_at is null then 1 else 0 end, updated_at desc
    ) as version_no
  from conversation_history as c
  where id is not null
),
conversations as (
  select
    v.*,
    case when v.is_inbound then v.created_at else v.first_contact_reply_created_at end as began_at
  from versions as v
  where v.version_no = 1
),
people as (
  select
    p.id,
    row_number() over (
      partition by id order by case when updated_at is null then 1 else 0 end, updated_at desc
    ) as version_no,
    coalesce(lower(trim(p.role)), 'user') <> 'lead' as is_contact
  from contact_history as p
),
talkers as (
  select conversation_id, contact_id from conversation_contact_history
  union all
  select id as conversation_id, source_author_id as contact_id from conversations where is_inbound
),
requesters as (
  select
    c.id as conversation_id, t.contact_id,
    row_number() over (
      partition by c.id
      order by case when t.contact_id = c.source_author_id then 0 else 1 end, t.contact_id
    ) as place
  from conversations as c
  inner join talkers as t on t.conversation_id = c.id
  inner join people as p on p.id = t.contact_id and p.version_no = 1 and p.is_contact
),
employers as (
  select contact_id, min(company_id) as company_id
  from contact_company_history
  where contact_id is not null and company_id is not null
  group by contact_id
),
numbered as (
  select
    p.*, lower(trim(p.part_type)) as kind, lower(trim(p.author_type)) as author,
    row_number() over (
      partition by id order by case when updated_at is null then 1 else 0 end, updated_at desc
    ) as version_no
  from conversation_part_history as p
  where id is not null and conversation_id is not null and created_at is not null
),
answers as (
  select n.conversation_id, min(n.created_at) as first_response_at, count(*) as replies
  from numbered as n
  inner join conversations as c on c.id = n.conversation_id
  where n.version_no = 1 and n.author = 'admin' and n.kind in ('comment', 'assignment', 'close')
    and nullif(trim(n.body), '') is not null and n.created_at > c.began_at
  group by n.conversation_id
),
moves as (
  select
    conversation_id, id, created_at,
    case
      when kind = 'close' then 'closed'
      when kind = 'snoozed' then 'on_hold'
      else 'open'
    end as status,
    row_number() over (partition by conversation_id order by created_at desc, id desc) as from_last
  from numbered
  where version_no = 1
    and (kind in ('close', 'open', 'snoozed') or kind like '%reopen' or kind like '%unsnooze%')
),
ordered as (
  select
    m.*, lag(status) over (partition by conversation_id order by created_at, id) as old_status
  from moves as m
),
changes as (
  select
    conversation_id,
    max(case when status = 'closed' then created_at end) as closed_at,
    sum(case when old_status = 'closed' then 1 else 0 end) as reopens,
    max(case when from_last = 1 and status = 'closed' then 1 else 0 end) as ends_closed
  from ordered
  group by conversation_id
),
known as (
  select count(*) as parts from conversation_part_history
)
select
  c.id,
  coalesce(c.began_at, c.created_at) as created_at,
  c.updated_at,
  c.began_at is null and not c.is_inbound as is_deleted,
  c.id as number,
  nullif(trim(replace(replace(c.source_subject, '<p>', ''), '</p>', '')), '') as subject,
  e.company_id as account_id,
  r.contact_id,
  case when lower(trim(c.assignee_type)) = 'admin' then nullif(trim(c.assignee_id), '0') end
    as owner_id,
  case when lower(trim(c.assignee_type)) = 'team' then nullif(trim(c.assignee_id), '0') end
    as team_id,
  c.source_type as channel,
  c.priority,
  c.state as status,
  nullif(trim(c.state), '') as status_label,
  a.first_response_at,
  case when c.condition = 'closed' then h.closed_at end as solved_at,
  case when c.condition = 'closed' then h.closed_at end as closed_at,
  case when k.parts > 0 then coalesce(h.reopens, 0)
    + case when h.ends_closed = 1 and c.condition <> 'closed' then 1 else 0 end end as reopen_count,
  case when k.parts > 0 then coalesce(a.replies, 0) end as reply_count
from conversations as c
cross join known as k
left join requesters as r on r.conversation_id = c.id and r.place = 1
left join employers as e on e.contact_id = r.contact_id
left join answers as a on a.conversation_id = c.id
left join changes as h on h.conversation_id = c.id

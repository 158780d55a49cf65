-- Codes of status, priority and source become words in values.yaml. Freshdesk keeps only when a
-- ticket was reopened last, so the count of reopenings is one or none.
with agents as (
  select distinct id from desk_agent where id is not null
),
messages as (
  select
    c.id,
    min(c.ticket_id) as ticket_id,
    max(case
      when coalesce(c.incoming, false) or coalesce(c.private, false) then 0
      when trim(c.source) in ('6', '8') then 0
      else 1
    end) as is_reply
  from desk_conversation as c
  where c.id is not null
  group by c.id
),
replies as (
  select ticket_id, sum(is_reply) as reply_count from messages group by ticket_id
),
known as (
  select
    (case when max(coalesce(t.first_responded_at, t.resolved_at, t.closed_at, t.reopened_at)) is null
      then 0 else 1 end) as stats
  from desk_ticket as t
),
spoken as (
  select count(*) as messages from messages
)
select
  t.id,
  t.created_at,
  t.updated_at,
  t.is_gone as is_deleted,
  t.id as number,
  nullif(trim(t.subject), '') as subject,
  case when nullif(trim(t.company_id), '') is not null then 'desk-' || trim(t.company_id) end
    as account_id,
  case
    when nullif(trim(t.requester_id), '') is not null and a.id is null
      then 'desk-' || trim(t.requester_id)
  end as contact_id,
  case when nullif(trim(t.responder_id), '') is not null then 'desk-' || trim(t.responder_id) end
    as owner_id,
  nullif(trim(t.group_id), '') as team_id,
  nullif(trim(t.source), '') as channel,
  nullif(trim(t.type), '') as ticket_type,
  nullif(trim(t.type), '') as category,
  nullif(trim(t.priority), '') as priority,
  nullif(trim(t.status), '') as status,
  case trim(t.status)
    when '2' then 'Open' when '3' then 'Pending' when '4' then 'Resolved' when '5' then 'Closed'
    else 'Status ' || nullif(trim(t.status), '')
  end as status_label,
  nullif(trim(t.product_id), '') as product_id,
  t.first_responded_at as first_response_at,
  coalesce(t.resolved_at, t.closed_at) as solved_at,
  t.closed_at,
  case when k.stats = 1 then case when t.reopened_at is not null then 1 else 0 end end
    as reopen_count,
  case when s.messages > 0 then coalesce(r.reply_count, 0) end as reply_count,
  t.is_escalated
from current_ticket as t
cross join known as k
cross join spoken as s
left join agents as a on a.id = t.requester_id
left join replies as r on r.ticket_id = t.id

-- Messages of tickets. Answers to surveys (source 6) stand in survey_response; a message forwarded to
-- others (source 8) is no reply to the customer.
with ranked as (
  select
    c.*,
    row_number() over (partition by c.id order by c.updated_at desc, c.created_at, c.ticket_id)
      as place
  from desk_conversation as c
  where c.id is not null
)
select
  c.id,
  c.created_at,
  c.updated_at,
  coalesce(t.is_gone, false) as is_deleted,
  trim(c.ticket_id) as ticket_id,
  c.created_at as occurred_at,
  case when nullif(trim(c.user_id), '') is not null then 'desk-' || trim(c.user_id) end as actor_id,
  case when c.incoming then 'requester' else 'agent' end as actor_type,
  case
    when c.incoming then 'requester_reply'
    when coalesce(c.private, false) or coalesce(trim(c.source), '') = '8' then 'private_note'
    else 'public_reply'
  end as event_type
from ranked as c
left join current_ticket as t on t.id = trim(c.ticket_id)
where c.place = 1 and nullif(trim(c.ticket_id), '') is not null and c.created_at is not null
  and coalesce(trim(c.source), '') <> '6'

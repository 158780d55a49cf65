-- Tickets of the help desk (Enterprise). A folded stage is a closing one.
with replies as (
  select m.res_id as ticket_id, min(m.date) as first_time, count(*) as messages
  from mail_message as m
  inner join helpdesk_ticket as k on k.id = m.res_id
  inner join staff as u on u.partner_id = m.author_id
  left join mail_message_subtype as n on n.id = m.subtype_id
  where lower(m.model) = 'helpdesk.ticket'
    and lower(m.message_type) in ('comment', 'email_outgoing') and not coalesce(m.is_note, false)
    and not coalesce(n.internal, false)
    and m.date >= coalesce(k.create_date, m.date)
  group by m.res_id
)
select
  t.id,
  t.create_date as created_at,
  t.write_date as updated_at,
  not coalesce(t.active, true) as is_deleted,
  nullif(trim(t.ticket_ref), '') as number,
  nullif(trim(t.name), '') as subject,
  coalesce(p.commercial_partner_id, p.parent_id, p.id) as account_id,
  case when not coalesce(p.is_company, false) then p.id end as contact_id,
  t.user_id as owner_id,
  'helpdesk-' || t.team_id as team_id,
  nullif(trim(y.label), '') as category,
  case trim(t.priority)
    when '0' then 'low'
    when '1' then 'normal'
    when '2' then 'high'
    when '3' then 'urgent'
  end as priority,
  case
    when t.close_date is not null or s.fold then 'closed'
    when nullif(trim(t.user_id), '') is null then 'new'
    else 'open'
  end as status,
  nullif(trim(s.label), '') as status_label,
  r.first_time as first_response_at,
  t.close_date as solved_at,
  t.close_date as closed_at,
  coalesce(r.messages, 0) as reply_count
from helpdesk_ticket as t
left join res_partner as p on p.id = t.partner_id
left join helpdesk_stage as s on s.id = t.stage_id
left join helpdesk_ticket_type as y on y.id = t.ticket_type_id
left join replies as r on r.ticket_id = t.id
where t.id is not null

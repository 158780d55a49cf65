-- Three things: activities that are planned (those done leave a message), messages, and meetings of
-- the calendar. Messages are e-mails in and out, notes, and activities done; those of the system are
-- left out. A meeting is past when the data is newer than its end.
with horizon as (
  select max(at_time) as now_at
  from (
    select max(create_date) as at_time from mail_message
    union all
    select max(write_date) as at_time from crm_lead
  ) as latest
),
acts as (
  select
    'activity-' || a.id as id, a.create_date, a.write_date, lower(a.res_model) as res_model, a.res_id,
    case lower(t.category) when 'phonecall' then 'call' when 'meeting' then 'meeting'
      else coalesce(trim(t.label), '') end as label,
    cast(null as varchar) as direction, a.summary as subject, 'open' as state, a.user_id,
    cast(null as timestamp) as starts_at,
    a.date_deadline as due_date, cast(null as timestamp) as done_at, cast(null as bigint) as seconds,
    false as is_deleted
  from mail_activity as a
  left join mail_activity_type as t on t.id = a.activity_type_id
  where a.id is not null and coalesce(a.active, true) and nullif(trim(a.calendar_event_id), '') is null
  union all
  select
    'message-' || m.id as id, m.create_date, m.write_date, lower(m.model) as res_model, m.res_id,
    case
      when m.mail_activity_type_id is not null and lower(t.category) = 'phonecall' then 'call'
      when m.mail_activity_type_id is not null and lower(t.category) = 'meeting' then 'meeting'
      when m.mail_activity_type_id is not null then coalesce(trim(t.label), '')
      when lower(m.message_type) = 'comment' and (m.is_note or n.internal) then 'note'
      else 'email'
    end as label,
    case
      when m.mail_activity_type_id is not null then null
      when lower(m.message_type) = 'comment' and (m.is_note or n.internal) then null
      when lower(m.message_type) = 'email' and u.id is null then 'inbound'
      else 'outbound'
    end as direction,
    m.subject, 'completed' as state, u.id as user_id, m.date as starts_at,
    cast(null as date) as due_date, m.date as done_at, cast(null as bigint) as seconds,
    false as is_deleted
  from mail_message as m
  left join mail_activity_type as t on t.id = m.mail_activity_type_id
  left join mail_message_subtype as n on n.id = m.subtype_id
  left join staff as u on u.partner_id = m.author_id
  where m.id is not null
    and (
      (
        m.mail_activity_type_id is not null
        and (
          coalesce(lower(t.category), '') <> 'meeting' or lower(m.model) <> 'crm.lead'
          or not exists (select 1 from calendar_event as e where e.opportunity_id = m.res_id and coalesce(e.active, true))
        )
      )
      or (m.mail_activity_type_id is null and lower(m.message_type) in ('email', 'email_outgoing'))
      or (m.mail_activity_type_id is null and lower(m.message_type) = 'comment' and u.id is not null)
    )
  union all
  select
    'event-' || e.id as id, e.create_date, e.write_date,
    case when nullif(trim(e.opportunity_id), '') is not null then 'crm.lead'
      else lower(e.res_model) end
      as res_model,
    coalesce(nullif(trim(e.opportunity_id), ''), e.res_id) as res_id,
    'meeting' as label, cast(null as varchar) as direction, e.name as subject,
    case when coalesce(e.stop, e.start) <= h.now_at then 'completed' else 'open' end as state,
    e.user_id, e.start as starts_at,
    cast(e.start as date) as due_date,
    case when coalesce(e.stop, e.start) <= h.now_at then coalesce(e.stop, e.start) end as done_at,
    case when e.duration >= 0 and e.duration <= 10000 then cast(e.duration * 3600 as bigint) end
      as seconds,
    not coalesce(e.active, true) as is_deleted
  from calendar_event as e
  cross join horizon as h
  where e.id is not null
)
select
  a.id,
  a.create_date as created_at,
  a.write_date as updated_at,
  a.is_deleted,
  a.label as activity_type,
  case when lower(a.label) in ('call', 'email', 'e-mail') then coalesce(a.direction, 'outbound')
  end as direction,
  nullif(trim(a.subject), '') as subject,
  a.state as status,
  a.user_id as owner_id,
  coalesce(p.commercial_partner_id, p.parent_id, p.id) as account_id,
  case when not coalesce(p.is_company, false) then p.id end as contact_id,
  case when lower(l.type) = 'lead' then l.id end as lead_id,
  case when lower(l.type) = 'opportunity' then l.id end as opportunity_id,
  case when a.state = 'open' or a.label = 'meeting' then a.starts_at end as scheduled_at,
  a.due_date as due_at,
  case when a.state = 'completed' then a.starts_at end as occurred_at,
  a.done_at as completed_at,
  a.seconds as duration_seconds
from acts as a
left join crm_lead as l on l.id = case when a.res_model = 'crm.lead' then a.res_id end
left join res_partner as p
  on p.id = case when a.res_model = 'res.partner' then a.res_id else l.partner_id end
where a.res_model in ('crm.lead', 'res.partner')

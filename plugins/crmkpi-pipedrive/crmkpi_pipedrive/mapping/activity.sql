-- Activities, notes and mails of the mailbox sync that are linked to a person. Pipedrive keeps the
-- due time as a text `HH:MM` in UTC beside the day; it is read only where each of its letters fits,
-- and an activity without one is for the whole day. Calls and mails are those of the user: outbound.
with checked as (
  select
    a.*,
    substr(a.due_time, 3, 1) = ':'
      and substr(a.due_time, 1, 2) in (
        '00', '01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12', '13', '14',
        '15', '16', '17', '18', '19', '20', '21', '22', '23'
      )
      and substr(a.due_time, 4, 1) in ('0', '1', '2', '3', '4', '5')
      and substr(a.due_time, 5, 1) in ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9') as is_timed,
    case when a.duration like '__:__%' then strpos('0123456789', substr(a.duration, 1, 1)) - 1 end
      as hour_tens,
    case when a.duration like '__:__%' then strpos('0123456789', substr(a.duration, 2, 1)) - 1 end
      as hour_ones,
    case when a.duration like '__:__%' then strpos('0123456789', substr(a.duration, 4, 1)) - 1 end
      as minute_tens,
    case when a.duration like '__:__%' then strpos('0123456789', substr(a.duration, 5, 1)) - 1 end
      as minute_ones
  from activities as a
  where a.id is not null
),
timed as (
  select
    c.*,
    case
      when c.is_timed
        then cast(cast(c.due_date as varchar) || ' ' || substr(c.due_time, 1, 5) || ':00' as timestamp)
    end as starts_at,
    case
      when c.hour_tens >= 0 and c.hour_ones >= 0 and c.minute_tens >= 0 and c.minute_ones >= 0
        then c.hour_tens * 36000 + c.hour_ones * 3600 + c.minute_tens * 600 + c.minute_ones * 60
    end as seconds
  from checked as c
),
recipients as (
  select mail_id, min(nullif(trim(linked_person_id), '')) as person_id
  from mail_recipients
  group by mail_id
),
senders as (
  select mail_id, min(nullif(trim(linked_person_id), '')) as person_id
  from mail_senders
  group by mail_id
)
select
  id,
  add_time as created_at,
  update_time as updated_at,
  not coalesce(active_flag, true) as is_deleted,
  trim(type) as activity_type,
  case when lower(trim(type)) in ('call', 'email') then 'outbound' end as direction,
  nullif(trim(subject), '') as subject,
  case when done then 'completed' else 'open' end as status,
  coalesce(nullif(trim(user_id), ''), nullif(trim(assigned_to_user_id), '')) as owner_id,
  nullif(trim(org_id), '') as account_id,
  nullif(trim(person_id), '') as contact_id,
  nullif(trim(lead_id), '') as lead_id,
  nullif(trim(deal_id), '') as opportunity_id,
  starts_at as scheduled_at,
  due_date as due_at,
  case
    when not done then null
    when starts_at > marked_as_done_time then marked_as_done_time
    else coalesce(starts_at, marked_as_done_time)
  end as occurred_at,
  case when done then marked_as_done_time end as completed_at,
  seconds as duration_seconds
from timed
union all
select
  'note-' || id as id,
  add_time as created_at,
  update_time as updated_at,
  not coalesce(active_flag, true) as is_deleted,
  'note' as activity_type,
  cast(null as varchar) as direction,
  cast(null as varchar) as subject,
  'completed' as status,
  nullif(trim(user_id), '') as owner_id,
  nullif(trim(org_id), '') as account_id,
  nullif(trim(person_id), '') as contact_id,
  nullif(trim(lead_id), '') as lead_id,
  nullif(trim(deal_id), '') as opportunity_id,
  cast(null as timestamp) as scheduled_at,
  cast(null as date) as due_at,
  add_time as occurred_at,
  add_time as completed_at,
  cast(null as bigint) as duration_seconds
from notes
where id is not null
union all
select
  'mail-' || m.id as id,
  m.add_time as created_at,
  m.update_time as updated_at,
  coalesce(m.deleted_flag, false) or coalesce(m.draft_flag, false) as is_deleted,
  'email' as activity_type,
  case when m.sent_flag then 'outbound' else 'inbound' end as direction,
  nullif(trim(m.subject), '') as subject,
  'completed' as status,
  nullif(trim(m.user_id), '') as owner_id,
  p.org_id as account_id,
  case when m.sent_flag then r.person_id else s.person_id end as contact_id,
  cast(null as varchar) as lead_id,
  cast(null as varchar) as opportunity_id,
  cast(null as timestamp) as scheduled_at,
  cast(null as date) as due_at,
  m.message_time as occurred_at,
  m.message_time as completed_at,
  cast(null as bigint) as duration_seconds
from mail as m
left join recipients as r on r.mail_id = m.id
left join senders as s on s.mail_id = m.id
left join persons as p on p.id = case when m.sent_flag then r.person_id else s.person_id end
where m.id is not null and case when m.sent_flag then r.person_id else s.person_id end is not null

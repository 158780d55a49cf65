-- A case is closed when its state is; an open one's status says more. It was closed at the last
-- audited change of the state to Closed, else at its last change. A reply is a public update by a
-- user; updates by email or portal carry the contact, those of unknown senders neither.
with replies as (
  select case_id, min(date_entered) as first_response_at, count(*) as reply_count
  from aop_case_updates
  where nullif(trim(contact_id), '') is null and nullif(trim(assigned_user_id), '') is not null
    and not coalesce(internal, false) and not coalesce(deleted, false)
  group by case_id
),
known as (
  select count(*) as updates from aop_case_updates
),
moves as (
  select
    parent_id as case_id,
    max(case when lower(trim(after_value_string)) = 'closed' then date_created end) as closed_at,
    sum(case when lower(trim(before_value_string)) = 'closed' then 1 else 0 end) as reopen_count
  from cases_audit
  where lower(trim(field_name)) = 'state'
  group by parent_id
),
audited as (
  select count(*) as changes from cases_audit
),
contact_of as (
  select
    case_id, contact_id,
    row_number() over (
      partition by case_id
      order by case when lower(trim(contact_role)) = 'primary contact' then 0 else 1 end,
        date_modified, id
    ) as place
  from contacts_cases
  where case_id is not null and contact_id is not null and not coalesce(deleted, false)
),
tickets as (
  select
    c.*,
    coalesce(
      lower(trim(c.state)) = 'closed',
      lower(trim(c.status)) like 'closed%' or lower(trim(c.status)) in ('rejected', 'duplicate'),
      false
    ) as is_closed
  from cases as c
)
select
  t.id,
  t.date_entered as created_at,
  t.date_modified as updated_at,
  coalesce(t.deleted, false) as is_deleted,
  nullif(trim(t.case_number), '') as number,
  nullif(trim(t.name), '') as subject,
  nullif(trim(t.account_id), '') as account_id,
  coalesce(nullif(trim(t.contact_created_by_id), ''), p.contact_id) as contact_id,
  nullif(trim(t.assigned_user_id), '') as owner_id,
  nullif(trim(t.type), '') as category,
  nullif(trim(t.priority), '') as priority,
  case
    when t.is_closed then 'closed'
    when lower(trim(t.status)) like 'closed%' or lower(trim(t.status)) in ('rejected', 'duplicate')
      then 'open'
    else nullif(trim(t.status), '')
  end as status,
  nullif(trim(t.status), '') as status_label,
  r.first_response_at,
  case when t.is_closed then coalesce(m.closed_at, t.date_modified) end as solved_at,
  case when t.is_closed then coalesce(m.closed_at, t.date_modified) end as closed_at,
  case when a.changes > 0 then coalesce(m.reopen_count, 0) end as reopen_count,
  case when k.updates > 0 then coalesce(r.reply_count, 0) end as reply_count
from tickets as t
cross join known as k
cross join audited as a
left join replies as r on r.case_id = t.id
left join moves as m on m.case_id = t.id
left join contact_of as p on p.case_id = t.id and p.place = 1
where t.id is not null

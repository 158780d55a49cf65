-- Closed, Rejected and Duplicate are the ends of a case. It was closed at the last such change in the
-- stream, else at its last change. A reply is an email about the case that did not come in.
with replies as (
  select e.parent_id as case_id, min(e.date_sent) as first_response_at, count(*) as reply_count
  from email as e
  left join user_address as s on s.email_address_id = e.from_email_address_id
  where lower(trim(e.parent_type)) = 'case' and e.date_sent is not null
    and not coalesce(e.is_system, false) and not coalesce(e.deleted, false)
    and (lower(trim(e.status)) = 'sent'
      or (lower(trim(e.status)) = 'archived' and s.email_address_id is not null))
  group by e.parent_id
),
known as (
  select count(*) as emails from email where lower(trim(parent_type)) = 'case'
),
changes as (
  select
    parent_id as case_id, created_at, number, id,
    coalesce(lower(trim(became_status)), case when lower(trim(status_field)) = 'status' then lower(trim(status_value)) end)
      as status_then
  from note
  where lower(trim(parent_type)) = 'case' and lower(trim(type)) in ('status', 'update')
    and not coalesce(deleted, false)
),
steps as (
  select
    c.*,
    lag(status_then) over (partition by case_id order by created_at, number, id) as status_before
  from changes as c
  where status_then is not null
),
moves as (
  select
    case_id,
    max(case when status_then in ('closed', 'rejected', 'duplicate') then created_at end) as closed_at,
    sum(case
      when status_before in ('closed', 'rejected', 'duplicate')
        and status_then not in ('closed', 'rejected', 'duplicate') then 1
      else 0
    end) as reopen_count
  from steps
  group by case_id
),
streamed as (
  select count(*) as changes from moves
),
tickets as (
  select
    c.*,
    coalesce(lower(trim(c.status)) in ('closed', 'rejected', 'duplicate'), false) as is_closed
  from cases as c
)
select
  t.id,
  t.created_at,
  t.modified_at as updated_at,
  coalesce(t.deleted, false) as is_deleted,
  nullif(trim(t.number), '') as number,
  nullif(trim(t.name), '') as subject,
  nullif(trim(t.account_id), '') as account_id,
  nullif(trim(t.contact_id), '') as contact_id,
  nullif(trim(t.assigned_user_id), '') as owner_id,
  case
    when coalesce(nullif(trim(t.inbound_email_id), ''), nullif(trim(t.original_email_id), '')) is not null
      then 'email'
  end as channel,
  nullif(trim(t.type), '') as ticket_type,
  nullif(trim(t.priority), '') as priority,
  nullif(trim(t.status), '') as status,
  nullif(trim(t.status), '') as status_label,
  r.first_response_at,
  case when t.is_closed then coalesce(m.closed_at, t.modified_at) end as solved_at,
  case when t.is_closed then coalesce(m.closed_at, t.modified_at) end as closed_at,
  case when s.changes > 0 then coalesce(m.reopen_count, 0) end as reopen_count,
  case when k.emails > 0 then coalesce(r.reply_count, 0) end as reply_count
from tickets as t
cross join known as k
cross join streamed as s
left join replies as r on r.case_id = t.id
left join moves as m on m.case_id = t.id
where t.id is not null

-- A public reply is a comment shown to the customer, or a sent email. A case is reopened when its
-- history leaves a closed status for one that is not: by CaseStatus; a status that is not listed there
-- is what the cases in it are, and `Closed` where there is none.
with replies as (
  select parent_id as case_id, created_date as replied_at
  from case_comment
  where is_published and created_by_id like '005%' and not coalesce(is_deleted, false)
  union all
  select parent_id as case_id, message_date as replied_at
  from email_message
  where not coalesce(incoming, false) and parent_id is not null and not coalesce(is_deleted, false)
),
answers as (
  select case_id, min(replied_at) as first_response_at, count(*) as reply_count
  from replies
  group by case_id
),
known as (
  select count(*) as replies from replies
),
told as (
  select lower(trim(api_name)) as label, is_closed, 1 as rank_no from case_status
  union all
  select lower(trim(master_label)) as label, is_closed, 1 as rank_no from case_status
  union all
  select lower(trim(status)) as label, is_closed, 2 as rank_no from "case"
  union all
  select 'closed' as label, true as is_closed, 3 as rank_no
),
statuses as (
  select
    label, is_closed,
    row_number() over (partition by label order by rank_no, case when is_closed then 0 else 1 end) as place
  from told
  where label is not null and is_closed is not null
),
reopened as (
  select h.case_id, count(*) as reopen_count
  from case_history as h
  inner join statuses as o on o.label = lower(trim(h.old_value)) and o.place = 1 and o.is_closed
  left join statuses as n on n.label = lower(trim(h.new_value)) and n.place = 1
  where lower(h.field) = 'status' and not coalesce(h.is_deleted, false)
    and not coalesce(n.is_closed, false)
  group by h.case_id
),
histories as (
  select count(*) as changes from case_history
),
cases as (
  select
    c.*,
    lower(trim(c.status)) as label,
    nullif(trim(c.master_record_id), '') is not null as is_merged
  from "case" as c
)
select
  c.id,
  c.created_date as created_at,
  c.last_modified_date as updated_at,
  coalesce(c.is_deleted, false) or c.is_merged as is_deleted,
  nullif(trim(c.case_number), '') as number,
  nullif(trim(c.subject), '') as subject,
  c.account_id,
  c.contact_id,
  case when c.owner_id not like '00G%' then c.owner_id end as owner_id,
  c.origin as channel,
  c.type as ticket_type,
  nullif(trim(c.reason), '') as category,
  c.priority,
  case
    when c.is_closed then 'closed'
    when not c.is_closed and c.label = 'closed' then 'open'
    else c.status
  end as status,
  nullif(trim(c.status), '') as status_label,
  a.first_response_at,
  case when coalesce(c.is_closed, c.label = 'closed') then c.closed_date end as solved_at,
  case when coalesce(c.is_closed, c.label = 'closed') then c.closed_date end as closed_at,
  case when h.changes > 0 then coalesce(r.reopen_count, 0) end as reopen_count,
  case when k.replies > 0 then coalesce(a.reply_count, 0) end as reply_count,
  coalesce(c.is_escalated, false) as is_escalated,
  c.parent_id as parent_ticket_id
from cases as c
cross join known as k
cross join histories as h
left join answers as a on a.case_id = c.id
left join reopened as r on r.case_id = c.id

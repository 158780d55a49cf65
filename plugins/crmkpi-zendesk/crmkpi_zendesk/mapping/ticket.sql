-- A reply is a public comment of an agent, but not the one that opens the ticket, which its submitter
-- writes. An agent who is the requester is a customer there. Zendesk's own metrics stand in where the
-- changes or comments are not there. A merged ticket is left as a closed shell with a tag.
with commented as (
  select
    c.ticket_id, c.created, c.public,
    case
      when c.user_id = t.requester_id then 'requester'
      when c.user_id = t.assignee_id or lower(trim(u.role)) in ('agent', 'admin') then 'agent'
      else 'other'
    end as author,
    coalesce(c.user_id = t.submitter_id, false) or coalesce(c.created <= t.created_at, false)
      as may_open,
    row_number() over (partition by c.ticket_id order by c.created, c.id) as place
  from ticket_comment as c
  inner join ticket as t on t.id = c.ticket_id
  left join "user" as u on u.id = c.user_id
  where c.created is not null and c.id is not null
),
answers as (
  select ticket_id, min(created) as first_response_at, count(created) as replies
  from commented
  where public and author = 'agent' and not (place = 1 and may_open)
  group by ticket_id
),
known as (
  select count(*) as comments from ticket_comment
),
statuses as (
  select
    ticket_id, updated, lower(trim(value)) as status,
    lag(lower(trim(value))) over (partition by ticket_id order by updated, coalesce(audit_id, ''), value)
      as old_status
  from ticket_field_history
  where lower(trim(field_name)) = 'status' and updated is not null and value is not null
),
changes as (
  select
    ticket_id,
    max(case when status = 'solved' and coalesce(old_status, '') <> 'solved' then updated end)
      as solved_at,
    max(case when status = 'closed' and coalesce(old_status, '') <> 'closed' then updated end)
      as closed_at,
    sum(case
      when old_status in ('solved', 'closed') and status in ('new', 'open', 'pending', 'hold', 'on-hold')
        then 1
      else 0
    end) as reopens
  from statuses
  group by ticket_id
),
metrics as (
  select
    m.*,
    row_number() over (
      partition by ticket_id order by case when updated_at is null then 1 else 0 end, updated_at desc
    ) as place
  from ticket_metric as m
),
merged as (
  select ticket_id from ticket_tag where lower(trim(tag)) = 'closed_by_merge'
  union all
  select ticket_id from merged_ticket
),
shells as (
  select ticket_id from merged where ticket_id is not null group by ticket_id
),
removed as (
  select id as ticket_id, max(deleted_at) as deleted_at from deleted_ticket group by id
),
tickets as (
  select
    t.*,
    lower(trim(t.status)) as state,
    lower(trim(t.status)) in ('solved', 'closed') as is_resolved
  from ticket as t
)
select
  t.id,
  t.created_at,
  t.updated_at,
  coalesce(t._fivetran_deleted, false) or coalesce(t.state = 'deleted', false)
    or s.ticket_id is not null
    or (d.ticket_id is not null and not coalesce(t.updated_at > d.deleted_at, false)) as is_deleted,
  t.id as number,
  nullif(trim(t.subject), '') as subject,
  t.organization_id as account_id,
  case when coalesce(lower(trim(r.role)), 'end-user') not in ('agent', 'admin') then t.requester_id end
    as contact_id,
  t.assignee_id as owner_id,
  t.group_id as team_id,
  t.via_channel as channel,
  t.type as ticket_type,
  t.priority,
  t.status,
  nullif(trim(t.status), '') as status_label,
  a.first_response_at,
  case when t.is_resolved then coalesce(c.solved_at, m.solved_at, c.closed_at) end as solved_at,
  case when t.state = 'closed' then coalesce(c.closed_at, m.status_updated_at) end as closed_at,
  coalesce(m.reopens, c.reopens) as reopen_count,
  case when k.comments > 0 then coalesce(a.replies, 0) else m.replies end as reply_count,
  t.problem_id as parent_ticket_id
from tickets as t
cross join known as k
left join answers as a on a.ticket_id = t.id
left join changes as c on c.ticket_id = t.id
left join metrics as m on m.ticket_id = t.id and m.place = 1
left join shells as s on s.ticket_id = t.id
left join removed as d on d.ticket_id = t.id
left join "user" as r on r.id = t.requester_id
where t.id is not null

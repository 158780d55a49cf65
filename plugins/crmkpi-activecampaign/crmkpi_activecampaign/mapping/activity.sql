-- Tasks, notes and personal emails; each table numbers its own, so the kind stands before the id.
-- An email that came from the address of its contact is inbound.
with tasks as (
  select
    'task/' || t.id as id, t.cdate, t.udate, coalesce(nullif(trim(y.title), ''), 'task') as kind,
    cast(null as varchar) as direction, t.title as subject, case when t.status = '1' then 1 else 0 end as is_done,
    coalesce(t.assignee_id, t.user_id) as user_id,
    lower(trim(coalesce(t.owner_type, t.reltype))) as parent_type,
    case when t.owner_type is null then t.relid else t.owner_id end as parent_id,
    cast(null as varchar) as contact_id, cast(null as varchar) as deal_id, cast(null as varchar) as account_id,
    t.duedate, coalesce(t.udate, t.duedate) as done_on
  from deal_tasks as t
  left join deal_task_types as y on y.id = t.type_id
),
texts as (
  select
    'note/' || n.id as id, n.cdate, n.mdate as udate, 'note' as kind,
    cast(null as varchar) as direction, cast(null as varchar) as subject, 1 as is_done, n.user_id,
    lower(trim(coalesce(n.owner_type, n.reltype))) as parent_type,
    case when n.owner_type is null then n.relid else n.owner_id end as parent_id,
    cast(null as varchar) as contact_id, cast(null as varchar) as deal_id, cast(null as varchar) as account_id,
    cast(null as timestamp) as duedate, n.cdate as done_on
  from notes as n
),
emails as (
  select
    'email/' || e.id as id, e.tstamp as cdate, e.tstamp as udate, 'email' as kind,
    case
      when nullif(trim(e.from_address), '') is null then null
      when lower(e.from_address) like '%' || lower(trim(c.email)) || '%' then 'inbound'
      else 'outbound'
    end as direction,
    e.subject, 1 as is_done, e.user_id, cast(null as varchar) as parent_type, cast(null as varchar) as parent_id,
    e.contact_id, e.deal_id, e.account_id, cast(null as timestamp) as duedate, e.tstamp as done_on
  from email_activities as e
  left join contacts as c on c.id = e.contact_id and nullif(trim(c.email), '') is not null
),
every_kind as (
  select * from tasks
  union all
  select * from texts
  union all
  select * from emails
),
parents as (
  select
    k.*,
    coalesce(k.deal_id, case when k.parent_type = 'deal' then k.parent_id end) as of_deal_id,
    coalesce(k.contact_id, case when k.parent_type in ('contact', 'subscriber') then k.parent_id end)
      as of_contact_id,
    coalesce(k.account_id, case when k.parent_type in ('account', 'customeraccount') then k.parent_id end)
      as of_account_id
  from every_kind as k
),
ties as (
  select
    t.contact_id, t.account_id,
    row_number() over (partition by t.contact_id order by t.created_timestamp, t.id) as place
  from account_contact_association as t
  inner join accounts as a on a.id = t.account_id
)
select
  k.id,
  k.cdate as created_at,
  k.udate as updated_at,
  k.kind as activity_type,
  k.direction,
  nullif(trim(k.subject), '') as subject,
  case when k.is_done = 1 then 'completed' else 'open' end as status,
  u.id as owner_id,
  coalesce(a.id, ca.id, da.id, oa.id, t.account_id) as account_id,
  coalesce(c.id, dc.id) as contact_id,
  d.id as opportunity_id,
  k.duedate as due_at,
  case when k.is_done = 1 then k.done_on end as occurred_at,
  case when k.is_done = 1 then k.done_on end as completed_at
from parents as k
left join users as u on u.id = k.user_id
left join deals as d on d.id = k.of_deal_id
left join contacts as c on c.id = k.of_contact_id
left join contacts as dc on dc.id = d.contact_id
left join accounts as a on a.id = k.of_account_id
left join accounts as ca on ca.id = d.customer_account_id
left join accounts as da on da.id = d.account_id
left join accounts as oa on oa.id = d.organization_id
left join ties as t on t.contact_id = coalesce(c.id, dc.id) and t.place = 1
where k.id is not null

-- Calls, tasks, visits, texts and notes of Sell; the ids say which. Each is about a lead, a deal, or a
-- contact, which is a person or an organization.
with every_kind as (
  select
    'call-' || c.id as id, c.created_at, c.updated_at, 'call' as activity_type,
    case when c.incoming then 'inbound' when not c.incoming then 'outbound' end as direction,
    c.summary as subject, 'completed' as status,
    case when c.missed then coalesce(nullif(trim(o.name), ''), 'Missed') else o.name end as outcome,
    c.user_id as owner_id, c.resource_type, c.resource_id, c.first_deal_id,
    cast(null as timestamp) as due_at, coalesce(c.made_at, c.created_at) as occurred_at,
    coalesce(c.made_at, c.created_at) as completed_at, c.duration as duration_seconds
  from sell_call as c
  left join sell_call_outcome as o on o.id = c.outcome_id
  where c.id is not null
  union all
  select
    'task-' || t.id as id, t.created_at, t.updated_at, 'task' as activity_type,
    cast(null as varchar) as direction, t.content as subject,
    case when coalesce(t.completed, t.completed_at is not null) then 'completed' else 'open' end
      as status,
    cast(null as varchar) as outcome, t.owner_id, t.resource_type, t.resource_id,
    cast(null as varchar) as first_deal_id, t.due_date as due_at,
    case when coalesce(t.completed, t.completed_at is not null) then t.completed_at end as occurred_at,
    case when coalesce(t.completed, t.completed_at is not null)
      then coalesce(t.completed_at, t.updated_at) end as completed_at,
    cast(null as bigint) as duration_seconds
  from sell_task as t
  where t.id is not null
  union all
  select
    'visit-' || v.id as id, v.created_at, v.updated_at, 'visit' as activity_type,
    'outbound' as direction, v.summary as subject, 'completed' as status, o.name as outcome,
    v.creator_id as owner_id, v.resource_type, v.resource_id,
    cast(null as varchar) as first_deal_id, cast(null as timestamp) as due_at,
    coalesce(v.visited_at, v.created_at) as occurred_at,
    coalesce(v.visited_at, v.created_at) as completed_at, cast(null as bigint) as duration_seconds
  from sell_visit as v
  left join sell_visit_outcome as o on o.id = v.outcome_id
  where v.id is not null
  union all
  select
    'sms-' || m.id as id, m.created_at, m.updated_at, 'sms' as activity_type,
    case when m.incoming then 'inbound' when not m.incoming then 'outbound' end as direction,
    m.content as subject, 'completed' as status, cast(null as varchar) as outcome,
    m.user_id as owner_id, m.resource_type, m.resource_id, m.first_deal_id,
    cast(null as timestamp) as due_at, coalesce(m.sent_at, m.created_at) as occurred_at,
    coalesce(m.sent_at, m.created_at) as completed_at, cast(null as bigint) as duration_seconds
  from sell_text_message as m
  where m.id is not null
  union all
  select
    'note-' || n.id as id, n.created_at, n.updated_at, 'note' as activity_type,
    cast(null as varchar) as direction, n.content as subject, 'completed' as status,
    cast(null as varchar) as outcome, n.creator_id as owner_id, n.resource_type, n.resource_id,
    cast(null as varchar) as first_deal_id, cast(null as timestamp) as due_at,
    n.created_at as occurred_at, n.created_at as completed_at,
    cast(null as bigint) as duration_seconds
  from sell_note as n
  where n.id is not null
),
kinds as (
  select
    k.*,
    lower(trim(k.resource_type)) as kind,
    case when lower(trim(k.resource_type)) = 'deal' then k.resource_id
      else nullif(trim(k.first_deal_id), '') end as deal_id
  from every_kind as k
)
select
  k.id,
  k.created_at,
  k.updated_at,
  k.activity_type,
  k.direction,
  nullif(trim(k.subject), '') as subject,
  k.status,
  nullif(trim(k.outcome), '') as outcome,
  'sell-' || nullif(trim(k.owner_id), '') as owner_id,
  'sell-' || coalesce(
    case when c.is_organization then c.id else nullif(trim(c.contact_id), '') end,
    nullif(trim(d.organization_id), '')
  ) as account_id,
  case when k.kind = 'contact' and not coalesce(c.is_organization, false) then 'sell-' || c.id end
    as contact_id,
  case when k.kind = 'lead' then k.resource_id end as lead_id,
  k.deal_id as opportunity_id,
  k.due_at,
  k.occurred_at,
  k.completed_at,
  case when k.duration_seconds >= 0 then k.duration_seconds end as duration_seconds
from kinds as k
left join sell_contact as c on c.id = k.resource_id and k.kind = 'contact'
left join sell_deal as d on d.id = k.deal_id

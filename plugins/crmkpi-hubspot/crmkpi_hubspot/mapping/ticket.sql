-- Closed is the flag of the stage. The other states are labels of stages (values.yaml). A ticket
-- whose stage is not listed is closed when it has a closing time.
with merged as (
  select distinct trim(split_part(s.hs_merged_object_ids, ';', p.n)) as id
  from ticket as s
  cross join list_place as p
  where nullif(trim(s.hs_merged_object_ids), '') is not null
    and p.n <= 1 + length(s.hs_merged_object_ids) - length(replace(s.hs_merged_object_ids, ';', ''))
    and trim(split_part(s.hs_merged_object_ids, ';', p.n)) <> coalesce(s.id, '')
),
companies as (
  select ticket_id, min(company_id) as company_id from ticket_company group by ticket_id
),
contacts as (
  select ticket_id, min(contact_id) as contact_id from ticket_contact group by ticket_id
),
placed as (
  select
    t.*, nullif(trim(s.label), '') as stage_label,
    case when s.stage_id is null then t.closed_date is not null else s.is_closed end as is_closed
  from ticket as t
  left join ticket_stage_place as s
    on s.pipeline_id = trim(t.ticket_pipeline_id) and s.stage_id = trim(t.ticket_pipeline_stage_id)
  where t.id is not null
)
select
  t.id,
  t.createdate as created_at,
  t.updated_at,
  coalesce(t.is_deleted, false) or coalesce(t._fivetran_deleted, false) or m.id is not null
    as is_deleted,
  t.id as number,
  nullif(trim(t.subject), '') as subject,
  c.company_id as account_id,
  p.contact_id,
  t.hubspot_owner_id as owner_id,
  t.hubspot_team_id as team_id,
  t.source_type as channel,
  nullif(trim(t.hs_ticket_category), '') as category,
  t.hs_ticket_priority as priority,
  case
    when t.is_closed then 'closed'
    when lower(t.stage_label) in ('closed', 'solved', 'merged') then 'open'
    else t.stage_label
  end as status,
  t.stage_label as status_label,
  t.first_agent_reply_date as first_response_at,
  case when t.is_closed then t.closed_date end as solved_at,
  case when t.is_closed then t.closed_date end as closed_at
from placed as t
left join merged as m on m.id = t.id
left join companies as c on c.ticket_id = t.id
left join contacts as p on p.ticket_id = t.id

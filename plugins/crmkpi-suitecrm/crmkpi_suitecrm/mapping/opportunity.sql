-- Won and lost are the fixed keys of the application's list of stages. A closed deal was closed on
-- its close date ("expected or actual"), as SuiteCRM's own reports have it; else at its last change.
-- stage_entered_at is the last audited change of the stage, else creation where changes are audited.
with account_of as (
  select
    opportunity_id, account_id,
    row_number() over (partition by opportunity_id order by date_modified desc, id) as place
  from accounts_opportunities
  where opportunity_id is not null and account_id is not null and not coalesce(deleted, false)
),
contact_of as (
  select
    opportunity_id, contact_id,
    row_number() over (
      partition by opportunity_id
      order by case when lower(trim(contact_role)) = 'primary decision maker' then 0 else 1 end,
        date_modified, id
    ) as place
  from opportunities_contacts
  where opportunity_id is not null and contact_id is not null and not coalesce(deleted, false)
),
lead_of as (
  select opportunity_id, min(id) as lead_id
  from leads
  where nullif(trim(opportunity_id), '') is not null and not coalesce(deleted, false)
    and (coalesce(converted, false) or lower(trim(coalesce(status, ''))) = 'converted')
  group by opportunity_id
),
moves as (
  select parent_id as opportunity_id, max(date_created) as moved_at
  from opportunities_audit
  where lower(trim(field_name)) = 'sales_stage'
  group by parent_id
),
audited as (
  select count(*) as changes from moves
),
money as (
  select id, min(upper(nullif(trim(iso4217), ''))) as iso_code from currencies group by id
),
custom_fields as (
  select
    id_c, min(nullif(trim(loss_reason_c), '')) as loss_reason,
    min(nullif(trim(competitor_c), '')) as competitor
  from opportunities_cstm
  group by id_c
),
deals as (
  select
    o.*,
    coalesce(nullif(trim(o.sales_stage), ''), '(none)') as stage_key,
    case lower(trim(o.sales_stage)) when 'closed won' then 'won' when 'closed lost' then 'lost' else 'open' end
      as state
  from opportunities as o
)
select
  d.id,
  d.date_entered as created_at,
  d.date_modified as updated_at,
  coalesce(d.deleted, false) as is_deleted,
  coalesce(nullif(trim(d.name), ''), '(none)') as name,
  a.account_id,
  c.contact_id as primary_contact_id,
  nullif(trim(d.assigned_user_id), '') as owner_id,
  'default' as pipeline_id,
  d.stage_key as stage_id,
  d.state as status,
  nullif(trim(d.opportunity_type), '') as opportunity_type,
  d.amount,
  m.iso_code as currency,
  case when d.probability between 0 and 100 then d.probability / 100.0 end as probability,
  d.date_closed as expected_close_date,
  case when d.state <> 'open' then coalesce(d.date_closed, cast(d.date_modified as date)) end
    as closed_at,
  case when u.changes > 0 then coalesce(v.moved_at, d.date_entered) end as stage_entered_at,
  nullif(trim(d.lead_source), '') as lead_source,
  nullif(trim(d.campaign_id), '') as campaign_id,
  l.lead_id as source_lead_id,
  f.loss_reason,
  f.competitor,
  nullif(trim(d.next_step), '') as next_step
from deals as d
cross join audited as u
left join account_of as a on a.opportunity_id = d.id and a.place = 1
left join contact_of as c on c.opportunity_id = d.id and c.place = 1
left join lead_of as l on l.opportunity_id = d.id
left join moves as v on v.opportunity_id = d.id
left join money as m on m.id = d.currency_id
left join custom_fields as f on f.id_c = d.id
where d.id is not null

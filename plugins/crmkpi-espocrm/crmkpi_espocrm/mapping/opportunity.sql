-- stage_entered_at is the last change of the stage in the stream, else creation where the stream is
-- kept.
with moves as (
  select opportunity_id, max(created_at) as moved_at
  from deal_note
  where (kind = 'status' and is_stage_status)
    or (kind = 'update' and coalesce(was_stage, '') <> coalesce(became_stage, ''))
  group by opportunity_id
),
kept as (
  select count(*) as changes from moves
),
lead_of as (
  select created_opportunity_id as opportunity_id, min(id) as lead_id
  from lead
  where nullif(trim(created_opportunity_id), '') is not null and lower(trim(status)) = 'converted'
    and not coalesce(deleted, false)
  group by created_opportunity_id
)
select
  d.id,
  d.created_at,
  d.modified_at as updated_at,
  coalesce(d.deleted, false) as is_deleted,
  coalesce(nullif(trim(d.name), ''), '(none)') as name,
  nullif(trim(d.account_id), '') as account_id,
  nullif(trim(d.contact_id), '') as primary_contact_id,
  nullif(trim(d.assigned_user_id), '') as owner_id,
  'default' as pipeline_id,
  d.stage_key as stage_id,
  d.state as status,
  d.amount,
  upper(nullif(trim(d.amount_currency), '')) as currency,
  case when d.probability between 0 and 100 then d.probability / 100.0 end as probability,
  d.close_date as expected_close_date,
  d.closed_on as closed_at,
  case when k.changes > 0 then coalesce(m.moved_at, d.created_at) end as stage_entered_at,
  nullif(trim(d.lead_source), '') as lead_source,
  nullif(trim(d.campaign_id), '') as campaign_id,
  l.lead_id as source_lead_id
from deal_state as d
cross join kept as k
left join moves as m on m.opportunity_id = d.id
left join lead_of as l on l.opportunity_id = d.id
where d.id is not null

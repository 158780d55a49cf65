-- Won and lost are those of the stage (parts/stage_place.sql).
select
  p.id,
  p.created_time as created_at,
  p.modified_time as updated_at,
  coalesce(nullif(trim(p.potential_name), ''), '(none)') as name,
  p.account_id,
  p.contact_id as primary_contact_id,
  coalesce(p.potential_owner_id, o.owner_id) as owner_id,
  p.pipeline_id,
  p.pipeline_id || '/' || p.stage_name as stage_id,
  s.outcome as status,
  p.type as opportunity_type,
  p.amount,
  upper(nullif(trim(p.currency), '')) as currency,
  case when p.probability between 0 and 100 then p.probability / 100.0 end as probability,
  p.closing_date as expected_close_date,
  case when s.outcome <> 'open' then p.closing_date end as closed_at,
  nullif(trim(p.lead_source), '') as lead_source,
  p.campaign_id,
  p.lead_id as source_lead_id,
  nullif(trim(p.reason_for_loss), '') as loss_reason,
  nullif(trim(p.next_step), '') as next_step
from deal_identity as p
inner join stage_place as s on s.pipeline_id = p.pipeline_id and s.stage_name = p.stage_name
left join named_owner as o on o.owner_name = trim(p.potential_owner)

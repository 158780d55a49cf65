-- Won and lost come from the forecast type, Zoho's flag of a stage; an export without it has but
-- the names of the vendor's own closing stages. Exports without ids get one from the lead.
with owners as (
  select
    trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')) as owner_name,
    min(user_id) as owner_id
  from users
  group by trim(coalesce(first_name, '') || ' ' || coalesce(last_name, ''))
),
potential_ids as (
  select
    p.*,
    coalesce(
      nullif(trim(p.potential_id), ''),
      'lead-' || coalesce(p.lead_id, 'none') || '-' || cast(row_number() over (
        partition by p.lead_id
        order by p.created_time, p.potential_name, p.closing_date, p.amount, p.stage
      ) as varchar)
    ) as id,
    coalesce(nullif(trim(p.pipeline), ''), 'default') as pipeline_id,
    coalesce(nullif(trim(p.stage), ''), '(none)') as stage_name,
    case
      when lower(p.forecast_type) like '%won%' then 'won'
      when lower(p.forecast_type) like '%lost%' then 'lost'
      when p.forecast_type is not null then 'open'
      when lower(p.stage) like 'closed%won%' then 'won'
      when lower(p.stage) like 'closed%lost%' then 'lost'
      else 'open'
    end as outcome
  from potentials as p
)
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
  p.outcome as status,
  case
    when nullif(trim(p.type), '') is null then null
    when lower(p.type) like '%renew%' then 'renewal'
    when lower(p.type) like '%existing%' then 'expansion'
    when lower(p.type) like '%new%' then 'new_business'
    else 'other'
  end as opportunity_type,
  p.amount,
  upper(nullif(trim(p.currency), '')) as currency,
  case when p.probability between 0 and 100 then p.probability / 100.0 end as probability,
  p.closing_date as expected_close_date,
  case when p.outcome <> 'open' then p.closing_date end as closed_at,
  nullif(trim(p.lead_source), '') as lead_source,
  p.campaign_id,
  p.lead_id as source_lead_id,
  nullif(trim(p.reason_for_loss), '') as loss_reason,
  nullif(trim(p.next_step), '') as next_step
from potential_ids as p
left join owners as o on o.owner_name = trim(p.potential_owner)

-- Won and lost come from the forecast type, Zoho's flag of a stage: that of table Stages, else of the
-- potentials in it; where there is neither, there are but the names of the vendor's own closing
-- stages. Exports without ids get one from the lead.
with owners as (
  select
    trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')) as owner_name,
    min(user_id) as owner_id
  from users
  group by trim(coalesce(first_name, '') || ' ' || coalesce(last_name, ''))
),
listed as (
  select
    lower(coalesce(nullif(trim(pipeline), ''), 'default')) as pipeline_key,
    lower(trim(display_value)) as stage_key,
    min(lower(nullif(trim(forecast_type), ''))) as forecast_type
  from stages
  where nullif(trim(display_value), '') is not null
  group by lower(coalesce(nullif(trim(pipeline), ''), 'default')), lower(trim(display_value))
),
used as (
  select
    coalesce(nullif(trim(pipeline), ''), 'default') as pipeline_id,
    coalesce(nullif(trim(stage), ''), '(none)') as stage_name,
    max(case
      when nullif(trim(forecast_type), '') is not null then lower(forecast_type)
      when lower(trim(stage)) like 'closed%won%' then 'won'
      when lower(trim(stage)) like 'closed%lost%' then 'lost'
      else 'open'
    end) as forecast_type
  from potentials
  group by coalesce(nullif(trim(pipeline), ''), 'default'), coalesce(nullif(trim(stage), ''), '(none)')
),
flags as (
  select
    u.pipeline_id,
    u.stage_name,
    case
      when coalesce(l.forecast_type, d.forecast_type, u.forecast_type) like '%won%' then 'won'
      when coalesce(l.forecast_type, d.forecast_type, u.forecast_type) like '%lost%' then 'lost'
      else 'open'
    end as outcome
  from used as u
  left join listed as l
    on l.pipeline_key = lower(u.pipeline_id) and l.stage_key = lower(u.stage_name)
  left join listed as d on d.pipeline_key = 'default' and d.stage_key = lower(u.stage_name)
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
    f.outcome
  from potentials as p
  inner join flags as f
    on f.pipeline_id = coalesce(nullif(trim(p.pipeline), ''), 'default')
    and f.stage_name = coalesce(nullif(trim(p.stage), ''), '(none)')
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
  p.type as opportunity_type,
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

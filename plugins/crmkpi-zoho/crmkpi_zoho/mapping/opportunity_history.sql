-- An export without stage history tells one thing about the past of a potential: that a closed one
-- was closed on its closing date, and that an open one is where it is. Such rows are flagged.
with potential_ids as (
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
),
versions as (
  select
    h.potential_id as opportunity_id,
    h.last_modified_time as changed_at,
    coalesce(nullif(trim(h.stage), ''), '(none)') as stage_name,
    h.amount,
    h.close_date,
    h.probability,
    h.modified_by_id,
    false as is_reconstructed
  from stage_history as h
  where h.potential_id is not null and h.last_modified_time is not null
  union all
  select
    p.id as opportunity_id,
    case when p.outcome = 'open' then p.created_time else cast(p.closing_date as timestamp) end
      as changed_at,
    p.stage_name,
    p.amount,
    p.closing_date as close_date,
    p.probability,
    cast(null as varchar) as modified_by_id,
    true as is_reconstructed
  from potential_ids as p
  where not exists (select 1 from stage_history as h where h.potential_id = p.id)
),
placed as (
  select
    v.*,
    coalesce(p.pipeline_id, 'default') as pipeline_id,
    row_number() over (partition by v.opportunity_id order by v.changed_at, v.stage_name) as place,
    lag(v.stage_name) over (partition by v.opportunity_id order by v.changed_at, v.stage_name)
      as old_stage
  from versions as v
  left join potential_ids as p on p.id = v.opportunity_id
  where v.changed_at is not null
)
select
  opportunity_id || '/' || cast(place as varchar) as id,
  opportunity_id,
  changed_at,
  lead(changed_at) over (partition by opportunity_id order by place) as valid_to,
  modified_by_id as changed_by_id,
  case when old_stage = stage_name then 'amount' else 'stage' end as field,
  old_stage as old_value,
  stage_name as new_value,
  pipeline_id || '/' || stage_name as stage_id,
  amount,
  close_date as expected_close_date,
  case when probability between 0 and 100 then probability / 100.0 end as probability,
  is_reconstructed
from placed

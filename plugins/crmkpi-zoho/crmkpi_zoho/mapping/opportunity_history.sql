-- An export without stage history tells one thing about the past of a potential: that a closed one
-- was closed on its closing date, and that an open one is where it is. Such rows are flagged.
with listed as (
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
    case
      when p.outcome = 'open' or cast(p.closing_date as timestamp) < p.created_time then p.created_time
      else cast(p.closing_date as timestamp)
    end as changed_at,
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
      as old_stage,
    lag(v.amount) over (partition by v.opportunity_id order by v.changed_at, v.stage_name)
      as old_amount,
    lag(v.close_date) over (partition by v.opportunity_id order by v.changed_at, v.stage_name)
      as old_close_date
  from versions as v
  left join potential_ids as p on p.id = v.opportunity_id
  where v.changed_at is not null
),
named as (
  select
    p.*,
    case
      when old_stage is null or old_stage <> stage_name then 'stage'
      when coalesce(amount, -1) <> coalesce(old_amount, -1) then 'amount'
      when close_date <> old_close_date or (close_date is null) <> (old_close_date is null)
        then 'expected_close_date'
      else 'probability'
    end as field
  from placed as p
)
select
  opportunity_id || '/' || cast(place as varchar) as id,
  opportunity_id,
  changed_at,
  lead(changed_at) over (partition by opportunity_id order by place) as valid_to,
  modified_by_id as changed_by_id,
  field,
  case field
    when 'stage' then old_stage
    when 'amount' then cast(old_amount as varchar)
    when 'expected_close_date' then cast(old_close_date as varchar)
  end as old_value,
  case field
    when 'stage' then stage_name
    when 'amount' then cast(amount as varchar)
    when 'expected_close_date' then cast(close_date as varchar)
  end as new_value,
  pipeline_id || '/' || stage_name as stage_id,
  amount,
  close_date as expected_close_date,
  case when probability between 0 and 100 then probability / 100.0 end as probability,
  is_reconstructed
from named

-- Stages with their order, probability and outcome: as the settings list them (for all pipelines
-- where they name none); where an export lacks these, those of the potentials, in the order of
-- Zoho's own pipeline and others after it. The forecast type, Zoho's flag of a stage, says won and
-- lost: that of the settings, else of the potentials in it; where there is neither, there are but
-- the names of the vendor's own closing stages. Stages that only the history knows are kept; beside
-- settings they are inactive and stand first, so that who was there did not come further by that.
with listed as (
  select
    coalesce(nullif(trim(pipeline), ''), 'default') as pipeline_id,
    trim(display_value) as stage_name,
    min(sequence_number) as sequence_number,
    min(lower(nullif(trim(forecast_type), ''))) as forecast_type,
    min(probability) as probability
  from stages
  where nullif(trim(display_value), '') is not null
  group by coalesce(nullif(trim(pipeline), ''), 'default'), trim(display_value)
),
mentioned as (
  select
    coalesce(nullif(trim(pipeline), ''), 'default') as pipeline_id,
    coalesce(nullif(trim(stage), ''), '(none)') as stage_name, lower(nullif(trim(forecast_type), '')) as told_type,
    1 as is_present
  from potentials
  union all
  select
    p.pipeline_id, coalesce(nullif(trim(h.stage), ''), '(none)') as stage_name,
    cast(null as varchar) as told_type, 0 as is_present
  from stage_history as h
  inner join deal_identity as p on p.id = h.potential_id
  where h.last_modified_time is not null
),
used as (
  select
    pipeline_id, stage_name, max(mentioned.is_present) as is_present,
    coalesce(max(told_type), case
      when lower(stage_name) like 'closed%won%' then 'won'
      when lower(stage_name) like 'closed%lost%' then 'lost'
      else 'open'
    end) as forecast_type
  from mentioned
  group by pipeline_id, stage_name
),
keyed as (
  select
    lower(pipeline_id) as pipeline_key,
    lower(stage_name) as stage_key,
    min(sequence_number) as sequence_number,
    min(forecast_type) as forecast_type,
    min(probability) as probability
  from listed
  group by lower(pipeline_id), lower(stage_name)
),
settings as (
  select count(*) as stages from listed
),
known as (
  select
    l.pipeline_id,
    l.stage_name,
    l.sequence_number,
    coalesce(k.forecast_type, d.forecast_type, u.forecast_type) as forecast_type,
    l.probability,
    true as is_active
  from listed as l
  left join keyed as k
    on k.pipeline_key = lower(l.pipeline_id) and k.stage_key = lower(l.stage_name)
  left join keyed as d on d.pipeline_key = 'default' and d.stage_key = lower(l.stage_name)
  left join used as u on u.pipeline_id = l.pipeline_id and u.stage_name = l.stage_name
  union all
  select
    u.pipeline_id,
    u.stage_name,
    coalesce(k.sequence_number, d.sequence_number, case
      when u.is_present = 0 and x.stages > 0 then 0
    end, case lower(u.stage_name)
      when 'prospect' then 1
      when 'prospecting' then 1
      when 'qualification' then 2
      when 'needs analysis' then 3
      when 'value proposition' then 4
      when 'id. decision makers' then 5
      when 'identify decision makers' then 5
      when 'perception analysis' then 6
      when 'initial offer' then 7
      when 'proposal/price quote' then 8
      when 'negotiation/review' then 9
      else 20 + row_number() over (partition by u.pipeline_id order by u.stage_name)
    end) as sequence_number,
    coalesce(k.forecast_type, d.forecast_type, u.forecast_type) as forecast_type,
    coalesce(k.probability, d.probability) as probability,
    u.is_present = 1 or x.stages = 0 as is_active
  from used as u
  cross join settings as x
  left join keyed as k
    on k.pipeline_key = lower(u.pipeline_id) and k.stage_key = lower(u.stage_name)
  left join keyed as d on d.pipeline_key = 'default' and d.stage_key = lower(u.stage_name)
  where not exists (
    select 1 from listed as l where l.pipeline_id = u.pipeline_id and l.stage_name = u.stage_name
  )
)
select
  pipeline_id,
  stage_name,
  sequence_number,
  probability,
  is_active,
  case
    when forecast_type like '%won%' then 'won'
    when forecast_type like '%lost%' then 'lost'
    else 'open'
  end as outcome
from known

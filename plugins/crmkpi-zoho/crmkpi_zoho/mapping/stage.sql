-- Stages as the settings list them; where an export lacks these, those of the potentials, in the
-- order of Zoho's own pipeline and others after it. The forecast type says won and lost.
with listed as (
  select
    coalesce(nullif(trim(pipeline), ''), 'default') as pipeline_id,
    trim(display_value) as stage_name,
    min(sequence_number) as sequence_number,
    min(lower(forecast_type)) as forecast_type,
    min(probability) as probability
  from stages
  where nullif(trim(display_value), '') is not null
  group by coalesce(nullif(trim(pipeline), ''), 'default'), trim(display_value)
),
used as (
  select
    coalesce(nullif(trim(pipeline), ''), 'default') as pipeline_id,
    coalesce(nullif(trim(stage), ''), '(none)') as stage_name,
    max(case
      when forecast_type is not null then lower(forecast_type)
      when lower(stage) like 'closed%won%' then 'won'
      when lower(stage) like 'closed%lost%' then 'lost'
      else 'open'
    end) as forecast_type
  from potentials
  group by coalesce(nullif(trim(pipeline), ''), 'default'), coalesce(nullif(trim(stage), ''), '(none)')
),
known as (
  select pipeline_id, stage_name, sequence_number, forecast_type, probability from listed
  union all
  select
    u.pipeline_id,
    u.stage_name,
    case lower(u.stage_name)
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
    end as sequence_number,
    u.forecast_type,
    cast(null as double) as probability
  from used as u
  where not exists (
    select 1 from listed as l where l.pipeline_id = u.pipeline_id and l.stage_name = u.stage_name
  )
)
select
  pipeline_id || '/' || stage_name as id,
  pipeline_id,
  stage_name as name,
  'opportunity' as object_type,
  coalesce(sequence_number, 99) as display_order,
  case when probability between 0 and 100 then probability / 100.0 end as probability,
  coalesce(forecast_type like '%won%' or forecast_type like '%lost%', false) as is_closed,
  coalesce(forecast_type like '%won%', false) as is_won,
  true as is_active
from known

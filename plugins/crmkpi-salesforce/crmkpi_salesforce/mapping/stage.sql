-- Every pipeline (record type) has every stage; the id is `<pipeline>/<stage>`. Stages that only
-- opportunities know (no opportunity_stage table, or deleted ones) take their flags from there.
with pipelines as (
  select id as pipeline_id from record_type where lower(sobject_type) = 'opportunity'
  union all
  select 'default' as pipeline_id
),
labels as (
  select
    trim(coalesce(nullif(trim(api_name), ''), master_label)) as stage_name,
    trim(coalesce(nullif(trim(master_label), ''), api_name)) as label,
    coalesce(sort_order, 0) as sort_order,
    default_probability,
    coalesce(is_closed, false) as is_closed,
    coalesce(is_won, false) as is_won,
    coalesce(nullif(trim(forecast_category), ''), forecast_category_name) as forecast_category,
    coalesce(is_active, true) as is_active,
    row_number() over (
      partition by trim(coalesce(nullif(trim(api_name), ''), master_label))
      order by case when coalesce(is_active, true) then 0 else 1 end, id
    ) as place
  from opportunity_stage
  where coalesce(nullif(trim(api_name), ''), nullif(trim(master_label), '')) is not null
),
seen as (
  select
    coalesce(nullif(trim(o.stage_name), ''), '(none)') as stage_name,
    avg(case when o.probability between 0 and 100 then o.probability end) as default_probability,
    max(case when o.is_closed then 1 else 0 end) as is_closed,
    max(case when o.is_won then 1 else 0 end) as is_won,
    max(coalesce(nullif(trim(o.forecast_category), ''), o.forecast_category_name))
      as forecast_category
  from opportunity as o
  where not exists (
    select 1 from labels as l
    where l.stage_name = coalesce(nullif(trim(o.stage_name), ''), '(none)')
  )
  group by coalesce(nullif(trim(o.stage_name), ''), '(none)')
),
every_stage as (
  select
    stage_name, label, sort_order, default_probability, is_closed, is_won, forecast_category, is_active
  from labels
  where place = 1
  union all
  select
    stage_name,
    stage_name as label,
    900 + row_number() over (order by is_closed, default_probability, stage_name) as sort_order,
    default_probability,
    is_closed = 1 as is_closed,
    is_won = 1 as is_won,
    forecast_category,
    not exists (select 1 from labels) as is_active
  from seen
)
select
  p.pipeline_id || '/' || s.stage_name as id,
  p.pipeline_id,
  s.label as name,
  'opportunity' as object_type,
  s.sort_order as display_order,
  case when s.default_probability between 0 and 100 then s.default_probability / 100.0 end
    as probability,
  s.is_closed or s.is_won as is_closed,
  s.is_won,
  s.forecast_category,
  s.is_active
from every_stage as s
cross join pipelines as p

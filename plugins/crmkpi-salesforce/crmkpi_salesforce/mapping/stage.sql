-- Every pipeline (record type) has every stage; the id is `<pipeline>/<stage>`. Stages that only
-- opportunities know (no opportunity_stage table, or deleted ones) take their flags from there; those
-- that only histories know are closed where the forecast category there says so. An open one stands
-- after the last listed one of no higher probability, and moves those after it on.
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
mentioned as (
  select
    coalesce(nullif(trim(stage_name), ''), '(none)') as stage_name, probability,
    case when is_closed then 1 else 0 end as is_closed, case when is_won then 1 else 0 end as is_won,
    coalesce(nullif(trim(forecast_category), ''), forecast_category_name) as forecast_category,
    1 as is_present
  from opportunity
  union all
  select
    coalesce(stage_name, '(none)') as stage_name, probability,
    case when lower(forecast_category) = 'closed' or (lower(forecast_category) = 'omitted' and probability = 0)
      then 1 else 0 end as is_closed,
    case when lower(forecast_category) = 'closed' then 1 else 0 end as is_won,
    nullif(forecast_category, '') as forecast_category, 0 as is_present
  from stage_version
),
known as (
  select stage_name, max(mentioned.is_present) as is_present from mentioned group by stage_name
),
seen as (
  select
    m.stage_name,
    avg(case when m.probability between 0 and 100 then m.probability end) as default_probability,
    max(m.is_closed) as is_closed,
    max(m.is_won) as is_won,
    max(m.forecast_category) as forecast_category
  from mentioned as m
  inner join known as k on k.stage_name = m.stage_name and k.is_present = m.is_present
  where not exists (select 1 from labels as l where l.stage_name = m.stage_name)
  group by m.stage_name
),
unlisted as (
  select
    s.*,
    case when exists (select 1 from labels) and s.is_closed = 0 and s.default_probability is not null then 1 else 0
    end as is_between,
    row_number() over (order by s.is_closed, s.default_probability, s.stage_name) as place
  from seen as s
),
between_listed as (
  select
    u.stage_name,
    coalesce(max(l.sort_order), 0) as after_order,
    row_number() over (order by coalesce(max(l.sort_order), 0), min(u.place)) as nth
  from unlisted as u
  left join labels as l
    on l.place = 1 and not l.is_closed and l.default_probability <= u.default_probability
  where u.is_between = 1
  group by u.stage_name
),
moved as (
  select l.sort_order, count(b.stage_name) as steps
  from (select distinct sort_order from labels where place = 1) as l
  left join between_listed as b on b.after_order < l.sort_order
  group by l.sort_order
),
every_stage as (
  select
    l.stage_name, l.label, l.sort_order + m.steps as sort_order, l.default_probability, l.is_closed, l.is_won,
    l.forecast_category, l.is_active
  from labels as l
  inner join moved as m on m.sort_order = l.sort_order
  where l.place = 1
  union all
  select
    u.stage_name, u.stage_name as label,
    coalesce(b.after_order + b.nth, 900 + u.place) as sort_order,
    u.default_probability, u.is_closed = 1 as is_closed, u.is_won = 1 as is_won, u.forecast_category,
    not exists (select 1 from labels) as is_active
  from unlisted as u
  left join between_listed as b on b.stage_name = u.stage_name
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

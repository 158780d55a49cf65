/*---
derived_without: [deal_pipeline, deal_stage]
---*/
-- Stages of the list of pipelines, and those that deals are in. Without the list a stage has no
-- name, and open stages stand in order of their ids.
with listed as (
  select
    d.id,
    min(d.deal_pipeline_id) as pipeline_id,
    min(nullif(trim(d.name), '')) as name,
    min(d.position) as position,
    min(d.probability) as probability
  from deal_stage as d
  where d.id is not null
  group by d.id
),
stages as (
  select
    o.stage_id as id,
    coalesce(nullif(trim(l.pipeline_id), ''), nullif(trim(o.pipeline_id), ''), '(none)')
      as pipeline_id,
    coalesce(l.name, 'Stage ' || o.stage_id) as name,
    l.position,
    l.probability,
    o.outcome
  from stage_outcome as o
  left join listed as l on l.id = o.stage_id
)
select
  s.id,
  s.pipeline_id,
  s.name,
  'opportunity' as object_type,
  coalesce(s.position, case s.outcome when 'won' then 998 when 'lost' then 999 else
    row_number() over (partition by s.pipeline_id order by length(s.id), s.id)
  end) as display_order,
  case when s.probability between 0 and 100 then s.probability / 100.0 end as probability,
  s.outcome <> 'open' as is_closed,
  s.outcome = 'won' as is_won,
  true as is_active
from stages as s

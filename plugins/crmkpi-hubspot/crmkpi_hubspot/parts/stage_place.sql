-- Stages of deals: those of the pipelines, and those that only deals name. Ids of stages are unique
-- within a pipeline only. Won and lost are flags; where a loader has but a probability, 1 is won
-- and 0 is lost. Stages that only deals name, and those of probability 0 that are not flagged, take
-- HubSpot's flags of their deals.
with seen as (
  select
    coalesce(nullif(trim(deal_pipeline_id), ''), '(none)') as pipeline_id,
    coalesce(nullif(trim(deal_pipeline_stage_id), ''), '(none)') as stage_id,
    max(case when hs_is_closed_won then 1 else 0 end) = 1 as is_won,
    max(case when hs_is_closed then 1 else 0 end) = 1 as is_closed
  from deal
  where id is not null
  group by
    coalesce(nullif(trim(deal_pipeline_id), ''), '(none)'),
    coalesce(nullif(trim(deal_pipeline_stage_id), ''), '(none)')
),
told as (
  select
    trim(s.pipeline_id) as pipeline_id, trim(s.stage_id) as stage_id, s.label, s.display_order,
    s.probability,
    coalesce(
      s.closed_won, s.is_closed and s.probability >= 1, s.is_closed is null and s.probability = 1,
      false
    ) as is_won,
    coalesce(s.is_closed, s.probability in (0, 1), false)
      or coalesce(s.probability = 0 and n.is_closed, false) as is_closed,
    coalesce(s.active, true) and not coalesce(s.is_deleted, false)
      and not coalesce(s._fivetran_deleted, false) as is_active,
    true as is_listed
  from deal_pipeline_stage as s
  left join seen as n on n.pipeline_id = trim(s.pipeline_id) and n.stage_id = trim(s.stage_id)
  where trim(s.pipeline_id) <> '' and trim(s.stage_id) <> ''
  union all
  select
    pipeline_id, stage_id, stage_id as label, cast(null as bigint) as display_order,
    cast(null as double) as probability, is_won, is_closed, true as is_active, false as is_listed
  from seen
),
numbered as (
  select
    t.*,
    row_number() over (
      partition by t.pipeline_id, t.stage_id
      order by case when t.is_listed then 0 else 1 end, case when t.is_active then 0 else 1 end,
        coalesce(t.display_order, 99), t.label
    ) as place
  from told as t
)
select
  pipeline_id, stage_id, label, display_order, probability, is_won,
  is_closed or is_won as is_closed, is_active, is_listed
from numbered
where place = 1

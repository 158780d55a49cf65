-- The id is `<pipeline>/<stage>`: ids of stages are unique within a pipeline only. Won and lost are
-- flags; where a loader has but a probability, 1 is won and 0 is lost. Stages that only deals name,
-- and those of probability 0 that are not flagged, take HubSpot's flags of their deals. A deleted
-- stage is inactive: history still points at it.
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
listed as (
  select
    trim(s.pipeline_id) as pipeline_id, trim(s.stage_id) as stage_id, s.label,
    'opportunity' as object_type, s.display_order, s.probability,
    coalesce(
      s.closed_won, s.is_closed and s.probability >= 1, s.is_closed is null and s.probability = 1
    ) as is_won,
    coalesce(s.is_closed, s.probability in (0, 1), false)
      or coalesce(s.probability = 0 and n.is_closed, false) as is_closed,
    coalesce(s.active, true) and not coalesce(s.is_deleted, false)
      and not coalesce(s._fivetran_deleted, false) as is_active,
    1 as rank_no
  from deal_pipeline_stage as s
  left join seen as n on n.pipeline_id = trim(s.pipeline_id) and n.stage_id = trim(s.stage_id)
  union all
  select
    trim(pipeline_id) as pipeline_id, trim(stage_id) as stage_id, label,
    'ticket' as object_type, display_order, cast(null as double) as probability,
    false as is_won,
    coalesce(is_closed, lower(trim(ticket_state)) = 'closed') as is_closed,
    coalesce(active, true) and not coalesce(is_deleted, false)
      and not coalesce(_fivetran_deleted, false) as is_active,
    2 as rank_no
  from ticket_pipeline_stage
  union all
  select
    pipeline_id, stage_id, stage_id as label, 'opportunity' as object_type,
    cast(null as bigint) as display_order, cast(null as double) as probability, is_won, is_closed,
    true as is_active, 3 as rank_no
  from seen
),
numbered as (
  select
    s.*,
    row_number() over (
      partition by s.pipeline_id, s.stage_id
      order by s.rank_no, case when s.is_active then 0 else 1 end, coalesce(s.display_order, 99),
        s.label
    ) as place
  from listed as s
  where s.pipeline_id <> '' and s.stage_id <> ''
)
select
  pipeline_id || '/' || stage_id as id,
  pipeline_id,
  coalesce(nullif(trim(label), ''), '(none)') as name,
  object_type,
  coalesce(display_order, 99) as display_order,
  case when probability between 0 and 1 then probability end as probability,
  coalesce(is_closed, false) or coalesce(is_won, false) as is_closed,
  coalesce(is_won, false) as is_won,
  is_active
from numbered
where place = 1

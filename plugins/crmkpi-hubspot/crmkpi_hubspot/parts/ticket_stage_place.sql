-- Stages of tickets, each once: of several rows an active one. Ids of stages are unique within a
-- pipeline only. Closed is a flag, with some loaders a state.
with told as (
  select
    trim(pipeline_id) as pipeline_id, trim(stage_id) as stage_id, label, display_order,
    coalesce(is_closed, lower(trim(ticket_state)) = 'closed', false) as is_closed,
    coalesce(active, true) and not coalesce(is_deleted, false)
      and not coalesce(_fivetran_deleted, false) as is_active
  from ticket_pipeline_stage
),
numbered as (
  select
    t.*,
    row_number() over (
      partition by t.pipeline_id, t.stage_id
      order by case when t.is_active then 0 else 1 end, coalesce(t.display_order, 99), t.label
    ) as place
  from told as t
)
select pipeline_id, stage_id, label, display_order, is_closed, is_active
from numbered
where place = 1

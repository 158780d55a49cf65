-- Stages of deals and of tickets. The id is `<pipeline>/<stage>`. A deleted stage is inactive:
-- history still points at it.
with listed as (
  select
    pipeline_id, stage_id, label, 'opportunity' as object_type, display_order, probability, is_won,
    is_closed, is_active, case when is_listed then 1 else 3 end as rank_no
  from stage_place
  union all
  select
    pipeline_id, stage_id, label, 'ticket' as object_type, display_order,
    cast(null as double) as probability, false as is_won, is_closed, is_active, 2 as rank_no
  from ticket_stage_place
),
numbered as (
  select
    s.*, row_number() over (partition by s.pipeline_id, s.stage_id order by s.rank_no) as place
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
  is_closed,
  is_won,
  is_active
from numbered
where place = 1

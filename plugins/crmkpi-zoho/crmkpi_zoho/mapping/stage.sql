-- A stage is the same one only within its pipeline.
select
  pipeline_id || '/' || stage_name as id,
  pipeline_id,
  stage_name as name,
  'opportunity' as object_type,
  coalesce(sequence_number, 99) as display_order,
  case when probability between 0 and 100 then probability / 100.0 end as probability,
  outcome <> 'open' as is_closed,
  outcome = 'won' as is_won,
  is_active
from stage_place

-- Potentials with their id, pipeline and stage. An export without ids gets one from the lead, the
-- same at each run over the same rows.
select
  p.*,
  coalesce(
    nullif(trim(p.potential_id), ''),
    'lead-' || coalesce(p.lead_id, 'none') || '-' || cast(row_number() over (
      partition by p.lead_id
      order by p.created_time, p.potential_name, p.closing_date, p.amount, p.stage
    ) as varchar)
  ) as id,
  coalesce(nullif(trim(p.pipeline), ''), 'default') as pipeline_id,
  coalesce(nullif(trim(p.stage), ''), '(none)') as stage_name
from potentials as p

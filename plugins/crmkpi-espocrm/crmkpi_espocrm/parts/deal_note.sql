-- What the stream notes of deals: the stage a deal was created with (type Create), a new stage
-- (Status, in newer versions Update), and other audited fields before and after (Update).
select
  n.id, n.parent_id as opportunity_id, n.created_at, n.created_by_id, n.number,
  lower(trim(n.type)) as kind, lower(trim(n.status_field)) = 'stage' as is_stage_status,
  case when lower(trim(n.first_field)) = 'stage' then nullif(trim(n.first_value), '') end
    as first_stage,
  case when lower(trim(n.status_field)) = 'stage' then nullif(trim(n.status_value), '') end
    as new_stage,
  nullif(trim(n.was_stage), '') as was_stage, nullif(trim(n.became_stage), '') as became_stage,
  n.was_amount, n.became_amount, n.was_close_date, n.became_close_date, n.was_probability,
  n.became_probability
from note as n
where lower(trim(n.parent_type)) = 'opportunity' and not coalesce(n.deleted, false)

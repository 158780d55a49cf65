-- Deals with their outcome and place. Won and lost are the status of the deal, not of its stage; a
-- closed deal was closed at the time of that status. A deal that names no pipeline is in that of
-- its stage. It keeps the stage it was in when it is closed; one without is in `<pipeline>/(none)`.
with placed as (
  select
    d.*,
    coalesce(nullif(trim(d.pipeline_id), ''), nullif(trim(s.pipeline_id), ''), '(none)')
      as own_pipeline_id,
    s.deal_probability as stage_probability,
    case lower(trim(d.status)) when 'won' then 'won' when 'lost' then 'lost' else 'open' end
      as outcome
  from deals as d
  left join stages as s on s.id = d.stage_id
)
select
  p.*,
  coalesce(nullif(trim(p.stage_id), ''), p.own_pipeline_id || '/(none)') as stage_now,
  case
    when p.outcome = 'won' then coalesce(p.won_time, p.close_time)
    when p.outcome = 'lost' then coalesce(p.lost_time, p.close_time)
  end as closed_time,
  coalesce(p.deleted, false) or coalesce(lower(trim(p.status)) = 'deleted', false) as is_gone
from placed as p

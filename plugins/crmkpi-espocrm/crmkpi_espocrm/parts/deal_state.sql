-- Deals with their stage and outcome. Won and lost are EspoCRM's own keys Closed Won and Closed
-- Lost. A closed deal was closed on its close date; without one, at its last change.
select
  o.*,
  coalesce(nullif(trim(o.stage), ''), '(none)') as stage_key,
  case lower(trim(o.stage))
    when 'closed won' then 'won' when 'closed lost' then 'lost' else 'open'
  end as state,
  case
    when lower(trim(o.stage)) in ('closed won', 'closed lost')
      then coalesce(o.close_date, cast(o.modified_at as date))
  end as closed_on
from opportunity as o

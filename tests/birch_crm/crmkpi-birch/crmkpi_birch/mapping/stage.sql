select code as id, 'default' as pipeline_id, coalesce(nullif(trim(caption), ''), code) as name,
  'opportunity' as object_type, coalesce(rank, 99) as display_order,
  case when chance between 0 and 100 then chance / 100.0 end as probability,
  coalesce(upper(trim(outcome)) in ('W', 'L'), false) as is_closed,
  coalesce(upper(trim(outcome)) = 'W', false) as is_won, true as is_active
from phase
union all
select l.gone, 'default', l.gone, 'opportunity', 0, cast(null as double), false, false, false
from (select old_phase as gone from phase_log union select new_phase from phase_log) as l
where l.gone is not null and not exists (select 1 from phase as p where p.code = l.gone)

with logged as (
  select l.log_id, l.opp_no, l.old_phase, l.new_phase, l.changed,
    row_number() over (partition by l.opp_no order by l.changed, l.log_id) as place,
    row_number() over (partition by l.opp_no order by l.changed desc, l.log_id desc) as from_last
  from phase_log as l where l.log_id is not null and l.changed is not null
),
steps as (
  select log_id as id, opp_no, changed, old_phase, new_phase, 1 as rank_no, false as is_inferred
  from logged
  union all
  select o.opp_no || '/start', o.opp_no, o.entered, cast(null as varchar), l.old_phase, 0, false
  from opp as o inner join logged as l on l.opp_no = o.opp_no and l.place = 1
  where l.old_phase is not null and o.entered <= l.changed
  union all
  select o.opp_no || '/now', o.opp_no,
    case when o.done_on > l.changed then o.done_on else coalesce(l.changed, o.entered) end,
    l.new_phase, o.phase, 2, true
  from opp as o left join logged as l on l.opp_no = o.opp_no and l.from_last = 1
  where o.phase is not null and coalesce(l.new_phase, '') <> o.phase
)
select id, opp_no as opportunity_id, changed as changed_at, 'stage' as field,
  lead(changed) over (partition by opp_no order by changed, rank_no, id) as valid_to,
  old_phase as old_value, new_phase as new_value, new_phase as stage_id,
  is_inferred as is_reconstructed
from steps
where changed is not null and new_phase is not null

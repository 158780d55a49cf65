select log_id as id, opp_no as opportunity_id, changed as changed_at, 'stage' as field,
  lead(changed) over (partition by opp_no order by changed, log_id) as valid_to,
  old_phase as old_value, new_phase as new_value, new_phase as stage_id,
  false as is_reconstructed
from phase_log

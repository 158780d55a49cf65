/*---
derived_without: [sell_deal_history]
---*/
-- Sell's API keeps no history: one flagged row says since when a deal is in its stage.
select
  d.id || '/now' as id,
  coalesce(d.last_stage_change_at, d.created_at) as created_at,
  coalesce(lower(trim(s.category)) = 'archived', false) as is_deleted,
  d.id as opportunity_id,
  coalesce(d.last_stage_change_at, d.created_at) as changed_at,
  case when d.last_stage_change_at is not null then 'sell-' || nullif(trim(d.last_stage_change_by_id), '')
  end as changed_by_id,
  'stage' as field,
  coalesce(s.id, '(none)') as new_value,
  coalesce(s.id, '(none)') as stage_id,
  case when d.value >= 0 then d.value end as amount,
  d.estimated_close_date as expected_close_date,
  case
    when d.customized_win_likelihood between 0 and 100 then d.customized_win_likelihood / 100.0
    when s.likelihood between 0 and 100 then s.likelihood / 100.0
  end as probability,
  true as is_reconstructed
from sell_deal as d
left join sell_stage as s on s.id = d.stage_id
where d.id is not null and coalesce(d.last_stage_change_at, d.created_at) is not null

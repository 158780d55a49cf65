-- Milestones without a target time say nothing about compliance and are left out.
with targets as (
  select
    m.*,
    coalesce(m.target_response_in_mins, m.target_response_in_hrs * 60, m.target_response_in_days * 1440)
      as target_minutes,
    lower(coalesce(t.name, '')) as label,
    t.name as policy_name
  from case_milestone as m
  left join milestone_type as t on t.id = m.milestone_type_id
)
select
  id,
  start_date as created_at,
  coalesce(is_deleted, false) as is_deleted,
  case_id as ticket_id,
  case
    when label like '%first%' then 'first_reply'
    when label like '%resol%' or label like '%clos%' then 'resolution'
    when label like '%update%' then 'periodic_update'
    else 'next_reply'
  end as metric,
  nullif(trim(policy_name), '') as policy_name,
  target_minutes,
  business_hours_id is not null as is_business_hours,
  business_hours_id,
  start_date as applied_at,
  target_date as due_at,
  completion_date as fulfilled_at,
  case when is_violated then target_date end as breached_at,
  elapsed_time_in_mins as elapsed_minutes,
  case
    when is_violated then 'breached'
    when coalesce(is_completed, completion_date is not null) then 'achieved'
    else 'active'
  end as status
from targets
where case_id is not null and target_minutes is not null and start_date is not null

select
  id,
  created_at,
  modified_at as updated_at,
  coalesce(deleted, false) as is_deleted,
  coalesce(nullif(trim(name), ''), '(none)') as name,
  replace(nullif(lower(trim(type)), ''), ' ', '_') as campaign_type,
  replace(nullif(lower(trim(type)), ''), ' ', '_') as channel,
  nullif(trim(status), '') as status,
  start_date,
  end_date,
  budget as budgeted_cost,
  upper(nullif(trim(budget_currency), '')) as currency,
  nullif(trim(assigned_user_id), '') as owner_id
from campaign
where id is not null

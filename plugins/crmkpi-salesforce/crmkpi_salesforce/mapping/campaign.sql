select
  id,
  created_date as created_at,
  last_modified_date as updated_at,
  coalesce(is_deleted, false) as is_deleted,
  coalesce(nullif(trim(name), ''), '(none)') as name,
  replace(replace(nullif(lower(trim(type)), ''), ' ', '_'), '-', '_') as campaign_type,
  coalesce(
    nullif(trim(channel_c), ''), replace(replace(nullif(lower(trim(type)), ''), ' ', '_'), '-', '_')
  ) as channel,
  coalesce(nullif(trim(status), ''), case when is_active then 'active' end) as status,
  parent_id as parent_campaign_id,
  start_date,
  end_date,
  budgeted_cost,
  actual_cost,
  expected_revenue,
  upper(nullif(trim(currency_iso_code), '')) as currency,
  owner_id
from campaign

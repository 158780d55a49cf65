select
  c.campaign_id as id,
  c.created_time as created_at,
  c.modified_time as updated_at,
  coalesce(nullif(trim(c.campaign_name), ''), '(none)') as name,
  replace(replace(nullif(lower(trim(c.type)), ''), ' ', '_'), '-', '_') as campaign_type,
  replace(replace(nullif(lower(trim(c.type)), ''), ' ', '_'), '-', '_') as channel,
  c.status,
  c.start_date,
  c.end_date,
  c.budgeted_cost,
  c.actual_cost,
  c.expected_revenue,
  upper(nullif(trim(c.currency), '')) as currency,
  o.owner_id
from campaigns as c
left join named_owner as o on o.owner_name = trim(c.campaign_owner)
where c.campaign_id is not null

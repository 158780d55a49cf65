select
  a.account_id as id,
  a.created_time as created_at,
  a.modified_time as updated_at,
  coalesce(nullif(trim(a.account_name), ''), '(none)') as name,
  a.parent_account_id,
  coalesce(a.account_owner_id, o.owner_id) as owner_id,
  a.account_type,
  a.account_type as lifecycle_stage,
  nullif(trim(a.industry), '') as industry,
  case
    when a.employees < 100 then 'SMB'
    when a.employees < 1000 then 'mid-market'
    when a.employees >= 1000 then 'enterprise'
  end as segment,
  case when length(trim(a.billing_country)) = 2 then upper(trim(a.billing_country)) end
    as country_code,
  nullif(trim(a.billing_city), '') as city,
  crm_domain(a.website) as website_domain,
  a.annual_revenue,
  a.employees as employee_count,
  upper(nullif(trim(a.currency), '')) as currency
from accounts as a
left join named_owner as o on o.owner_name = trim(a.account_owner)
where a.account_id is not null

-- A merged record keeps the id of the surviving one in master_record_id.
with first_win as (
  select account_id, min(close_date) as first_close_date
  from opportunity
  where is_won and not coalesce(is_deleted, false) and account_id is not null
    and not (
      lower(coalesce(type, '')) like '%existing%' or lower(coalesce(type, '')) like '%renew%'
      or lower(coalesce(type, '')) like '%expan%' or lower(coalesce(type, '')) like '%upgrade%'
      or lower(coalesce(type, '')) like '%upsell%' or lower(coalesce(type, '')) like '%cross%'
    )
  group by account_id
)
select
  a.id,
  a.created_date as created_at,
  a.last_modified_date as updated_at,
  coalesce(a.is_deleted, false) or nullif(trim(a.master_record_id), '') is not null as is_deleted,
  coalesce(nullif(trim(a.name), ''), '(none)') as name,
  a.parent_id as parent_account_id,
  case when a.owner_id not like '00G%' then a.owner_id end as owner_id,
  a.type as account_type,
  a.type as lifecycle_stage,
  nullif(trim(a.industry), '') as industry,
  case
    when lower(trim(a.segment_c)) in ('smb', 'small', 'small business') then 'SMB'
    when lower(trim(a.segment_c)) in ('mid-market', 'mid market', 'midmarket') then 'mid-market'
    when lower(trim(a.segment_c)) = 'enterprise' then 'enterprise'
    when a.number_of_employees < 100 then 'SMB'
    when a.number_of_employees < 1000 then 'mid-market'
    when a.number_of_employees >= 1000 then 'enterprise'
  end as segment,
  nullif(trim(a.region_c), '') as region,
  upper(coalesce(
    nullif(trim(a.billing_country_code), ''),
    case when length(trim(a.billing_country)) = 2 then trim(a.billing_country) end
  )) as country_code,
  nullif(trim(a.billing_city), '') as city,
  crm_domain(a.website) as website_domain,
  a.annual_revenue,
  a.number_of_employees as employee_count,
  upper(nullif(trim(a.currency_iso_code), '')) as currency,
  a.health_score_c as health_score,
  w.first_close_date as customer_since,
  a.customer_success_manager_c as csm_user_id,
  a.last_activity_date as last_activity_at
from account as a
left join first_win as w on w.account_id = a.id

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
),
kinds as (
  select
    a.*,
    case
      when nullif(trim(a.type), '') is null then null
      when lower(a.type) like '%former%' or lower(a.type) like '%churn%' then 'former_customer'
      when lower(a.type) like '%partner%' or lower(a.type) like '%reseller%' then 'partner'
      when lower(a.type) like '%customer%' then 'customer'
      when lower(a.type) like '%prospect%' then 'prospect'
      else 'other'
    end as account_type
  from account as a
)
select
  k.id,
  k.created_date as created_at,
  k.last_modified_date as updated_at,
  coalesce(k.is_deleted, false) or nullif(trim(k.master_record_id), '') is not null as is_deleted,
  coalesce(nullif(trim(k.name), ''), '(none)') as name,
  k.parent_id as parent_account_id,
  case when k.owner_id not like '00G%' then k.owner_id end as owner_id,
  k.account_type,
  case k.account_type when 'customer' then 'customer' when 'former_customer' then 'churned' end
    as lifecycle_stage,
  nullif(trim(k.industry), '') as industry,
  case
    when lower(trim(k.segment_c)) in ('smb', 'small', 'small business') then 'SMB'
    when lower(trim(k.segment_c)) in ('mid-market', 'mid market', 'midmarket') then 'mid-market'
    when lower(trim(k.segment_c)) = 'enterprise' then 'enterprise'
    when k.number_of_employees < 100 then 'SMB'
    when k.number_of_employees < 1000 then 'mid-market'
    when k.number_of_employees >= 1000 then 'enterprise'
  end as segment,
  nullif(trim(k.region_c), '') as region,
  upper(coalesce(
    nullif(trim(k.billing_country_code), ''),
    case when length(trim(k.billing_country)) = 2 then trim(k.billing_country) end
  )) as country_code,
  nullif(trim(k.billing_city), '') as city,
  nullif(split_part(replace(replace(replace(
    lower(trim(k.website)), 'https://', ''), 'http://', ''), 'www.', ''), '/', 1), '')
    as website_domain,
  k.annual_revenue,
  k.number_of_employees as employee_count,
  upper(nullif(trim(k.currency_iso_code), '')) as currency,
  k.health_score_c as health_score,
  w.first_close_date as customer_since,
  k.customer_success_manager_c as csm_user_id,
  k.last_activity_date as last_activity_at
from kinds as k
left join first_win as w on w.account_id = k.id

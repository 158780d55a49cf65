-- customer_since is the day the first deal was won: its close date, else that of its last change.
with account_of as (
  select
    opportunity_id, account_id,
    row_number() over (partition by opportunity_id order by date_modified desc, id) as place
  from accounts_opportunities
  where opportunity_id is not null and account_id is not null and not coalesce(deleted, false)
),
first_win as (
  select j.account_id, min(coalesce(o.date_closed, cast(o.date_modified as date))) as first_close_date
  from opportunities as o
  inner join account_of as j on j.opportunity_id = o.id and j.place = 1
  where lower(trim(o.sales_stage)) = 'closed won' and not coalesce(o.deleted, false)
  group by j.account_id
),
custom_fields as (
  select id_c, min(nullif(trim(region_c), '')) as region from accounts_cstm group by id_c
)
select
  a.id,
  a.date_entered as created_at,
  a.date_modified as updated_at,
  coalesce(a.deleted, false) as is_deleted,
  coalesce(nullif(trim(a.name), ''), '(none)') as name,
  nullif(trim(a.parent_id), '') as parent_account_id,
  nullif(trim(a.assigned_user_id), '') as owner_id,
  nullif(trim(a.account_type), '') as account_type,
  case when lower(trim(a.account_type)) = 'customer' then 'customer' end as lifecycle_stage,
  nullif(trim(a.industry), '') as industry,
  case
    when a.employees < 100 then 'SMB'
    when a.employees < 1000 then 'mid-market'
    when a.employees >= 1000 then 'enterprise'
  end as segment,
  c.region,
  case when length(trim(a.billing_address_country)) = 2 then upper(trim(a.billing_address_country)) end
    as country_code,
  nullif(trim(a.billing_address_city), '') as city,
  crm_domain(a.website) as website_domain,
  a.annual_revenue,
  a.employees as employee_count,
  w.first_close_date as customer_since
from accounts as a
left join first_win as w on w.account_id = a.id
left join custom_fields as c on c.id_c = a.id
where a.id is not null

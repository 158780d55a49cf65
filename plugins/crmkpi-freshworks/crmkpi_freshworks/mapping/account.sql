-- Companies of Freshdesk carry `desk-` before their id: both products number from the same range.
-- A record that lies there twice (Airbyte reads every view) counts once, as it was changed last. Only
-- Freshsales tells deleted companies; they are left out right here.
with ranked as (
  select
    a.*,
    row_number() over (
      partition by a.id
      order by a.updated_at desc, case when a.is_deleted then 0 else 1 end, a.name, a.owner_id
    ) as place
  from account as a
  where a.id is not null
),
industries as (
  select x.id, min(x.name) as name from industry_type as x group by x.id
),
companies as (
  select
    c.*,
    row_number() over (partition by c.id order by c.updated_at desc, c.name) as place
  from desk_company as c
  where c.id is not null
)
select
  a.id,
  a.created_at,
  a.updated_at,
  coalesce(nullif(trim(a.name), ''), '(none)') as name,
  nullif(trim(a.parent_sales_account_id), '') as parent_account_id,
  nullif(trim(a.owner_id), '') as owner_id,
  case when a.won_deals_count > 0 then 'customer' when a.open_deals_count > 0 then 'opportunity' end
    as lifecycle_stage,
  nullif(trim(i.name), '') as industry,
  case
    when a.number_of_employees < 100 then 'SMB'
    when a.number_of_employees < 1000 then 'mid-market'
    when a.number_of_employees >= 1000 then 'enterprise'
  end as segment,
  case when length(trim(a.country)) = 2 then upper(trim(a.country)) end as country_code,
  nullif(trim(a.city), '') as city,
  crm_domain(a.website) as website_domain,
  a.annual_revenue,
  a.number_of_employees as employee_count,
  a.last_contacted as last_activity_at
from ranked as a
left join industries as i on i.id = a.industry_type_id
where a.place = 1 and not coalesce(a.is_deleted, false)
union all
select
  'desk-' || c.id as id,
  c.created_at as created_at,
  c.updated_at as updated_at,
  coalesce(nullif(trim(c.name), ''), '(none)') as name,
  cast(null as varchar) as parent_account_id,
  cast(null as varchar) as owner_id,
  cast(null as varchar) as lifecycle_stage,
  nullif(trim(c.industry), '') as industry,
  cast(null as varchar) as segment,
  cast(null as varchar) as country_code,
  cast(null as varchar) as city,
  crm_domain(c.domain) as website_domain,
  cast(null as double) as annual_revenue,
  cast(null as bigint) as employee_count,
  cast(null as timestamp) as last_activity_at
from companies as c
where c.place = 1

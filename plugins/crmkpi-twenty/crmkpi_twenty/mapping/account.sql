-- A company is a customer from the day its first deal was won: its close date, else its last change.
with first_win as (
  select company_id, min(coalesce(close_date, updated_at)) as won_at
  from opportunity
  where upper(trim(stage)) in ('CUSTOMER', 'WON', 'CLOSED_WON') and deleted_at is null
    and company_id is not null
  group by company_id
)
select
  c.id,
  c.created_at,
  c.updated_at,
  c.deleted_at is not null as is_deleted,
  coalesce(nullif(trim(c.name), ''), '(none)') as name,
  c.account_owner_id as owner_id,
  case when w.company_id is not null then 'customer' end as account_type,
  case when w.company_id is not null then 'customer' end as lifecycle_stage,
  case
    when c.employees < 100 then 'SMB'
    when c.employees < 1000 then 'mid-market'
    when c.employees >= 1000 then 'enterprise'
  end as segment,
  case when length(trim(c.address_address_country)) = 2 then upper(trim(c.address_address_country)) end
    as country_code,
  nullif(trim(c.address_address_city), '') as city,
  crm_domain(c.domain_name_primary_link_url) as website_domain,
  c.annual_recurring_revenue_amount_micros / 1000000.0 as annual_revenue,
  c.employees as employee_count,
  upper(nullif(trim(c.annual_recurring_revenue_currency_code), '')) as currency,
  w.won_at as customer_since
from company as c
left join first_win as w on w.company_id = c.id
where c.id is not null

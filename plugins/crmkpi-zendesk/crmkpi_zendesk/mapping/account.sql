-- Organizations of Support, and contacts of Sell that are organizations. Ids of Sell get `sell-`.
with domains as (
  select
    organization_id, domain_name,
    row_number() over (partition by organization_id order by coalesce(position, 99), domain_name)
      as place
  from domain_name
),
sell as (
  select c.*, lower(trim(c.customer_status)) as customer, lower(trim(c.prospect_status)) as prospect
  from sell_contact as c
  where c.is_organization
)
select
  o.id,
  o.created_at,
  o.updated_at,
  coalesce(nullif(trim(o.name), ''), '(none)') as name,
  cast(null as varchar) as parent_account_id,
  cast(null as varchar) as owner_id,
  cast(null as varchar) as account_type,
  cast(null as varchar) as lifecycle_stage,
  cast(null as varchar) as industry,
  cast(null as varchar) as country_code,
  cast(null as varchar) as city,
  crm_domain(coalesce(o.first_domain, d.domain_name)) as website_domain
from organization as o
left join domains as d on d.organization_id = o.id and d.place = 1
where o.id is not null and o.deleted_at is null
union all
select
  'sell-' || s.id as id,
  s.created_at,
  s.updated_at,
  coalesce(nullif(trim(s.name), ''), '(none)') as name,
  'sell-' || coalesce(nullif(trim(s.parent_organization_id), ''), nullif(trim(s.contact_id), ''))
    as parent_account_id,
  'sell-' || nullif(trim(s.owner_id), '') as owner_id,
  case
    when s.customer = 'current' then 'customer'
    when s.customer = 'past' then 'former_customer'
    when s.prospect = 'current' then 'prospect'
    when s.prospect = 'lost' then 'other'
  end as account_type,
  case s.customer when 'current' then 'customer' when 'past' then 'churned' end as lifecycle_stage,
  nullif(trim(s.industry), '') as industry,
  case when length(trim(s.country)) = 2 then upper(trim(s.country)) end as country_code,
  nullif(trim(s.city), '') as city,
  crm_domain(s.website) as website_domain
from sell as s
where s.id is not null

-- The list of merged ids of a surviving company (`1;2`) is taken apart by position.
with merged as (
  select distinct trim(split_part(s.hs_merged_object_ids, ';', p.n)) as id
  from company as s
  cross join list_place as p
  where nullif(trim(s.hs_merged_object_ids), '') is not null
    and p.n <= 1 + length(s.hs_merged_object_ids) - length(replace(s.hs_merged_object_ids, ';', ''))
    and trim(split_part(s.hs_merged_object_ids, ';', p.n)) <> coalesce(s.id, '')
)
select
  c.id,
  c.createdate as created_at,
  c.updated_at,
  coalesce(c.is_deleted, false) or coalesce(c._fivetran_deleted, false) or m.id is not null
    as is_deleted,
  coalesce(nullif(trim(c.name), ''), nullif(lower(trim(c.domain)), ''), '(none)') as name,
  c.hs_parent_company_id as parent_account_id,
  c.hubspot_owner_id as owner_id,
  case
    when lower(trim(c.type)) <> 'prospect' and trim(c.type) <> '' then c.type
    when trim(c.lifecyclestage) <> '' then c.lifecyclestage
    else c.type
  end as account_type,
  c.lifecyclestage as lifecycle_stage,
  nullif(trim(c.industry), '') as industry,
  case
    when c.numberofemployees < 100 then 'SMB'
    when c.numberofemployees < 1000 then 'mid-market'
    when c.numberofemployees >= 1000 then 'enterprise'
  end as segment,
  case
    when length(trim(c.hs_country_code)) = 2 then upper(trim(c.hs_country_code))
    when length(trim(c.country)) = 2 then upper(trim(c.country))
  end as country_code,
  nullif(trim(c.city), '') as city,
  crm_domain(coalesce(nullif(trim(c.domain), ''), c.website)) as website_domain,
  c.annualrevenue as annual_revenue,
  c.numberofemployees as employee_count,
  c.notes_last_updated as last_activity_at
from company as c
left join merged as m on m.id = c.id
where c.id is not null

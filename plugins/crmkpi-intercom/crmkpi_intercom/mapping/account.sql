with companies as (
  select
    c.*,
    row_number() over (
      partition by id order by case when updated_at is null then 1 else 0 end, updated_at desc
    ) as place
  from company_history as c
  where id is not null
)
select
  id,
  created_at,
  updated_at,
  coalesce(nullif(trim(name), ''), '(none)') as name,
  nullif(trim(industry), '') as industry,
  crm_domain(website) as website_domain
from companies
where place = 1

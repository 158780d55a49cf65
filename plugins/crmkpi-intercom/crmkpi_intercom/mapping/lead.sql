-- Visitors that left a message and did not sign up. A lead that becomes a user is merged into that one
-- and gone; so all that are there are open.
with people as (
  select
    c.*,
    row_number() over (
      partition by id order by case when updated_at is null then 1 else 0 end, updated_at desc
    ) as place
  from contact_history as c
  where id is not null
),
employers as (
  select contact_id, min(company_id) as company_id
  from contact_company_history
  where contact_id is not null and company_id is not null
  group by contact_id
),
companies as (
  select
    c.id, c.name,
    row_number() over (
      partition by id order by case when updated_at is null then 1 else 0 end, updated_at desc
    ) as place
  from company_history as c
)
select
  p.id,
  p.created_at,
  p.updated_at,
  nullif(trim(c.name), '') as company_name,
  nullif(trim(p.name), '') as last_name,
  nullif(lower(trim(p.email)), '') as email,
  p.admin_id as owner_id,
  'open' as status
from people as p
left join employers as e on e.contact_id = p.id
left join companies as c on c.id = e.company_id and c.place = 1
where p.place = 1 and lower(trim(p.role)) = 'lead'

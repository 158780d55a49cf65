-- Users of the product; their name is one text. Who belongs to several companies is given to the one
-- with the lowest id.
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
)
select
  p.id,
  p.created_at,
  p.updated_at,
  e.company_id as account_id,
  nullif(trim(p.name), '') as last_name,
  nullif(lower(trim(p.email)), '') as email,
  p.admin_id as owner_id,
  p.unsubscribed_from_emails as is_email_opt_out
from people as p
left join employers as e on e.contact_id = p.id
where p.place = 1 and coalesce(lower(trim(p.role)), 'user') <> 'lead'

-- The job title is the role at the primary account. Address and number are the primary ones.
with roles as (
  select account_id, contact_id, min(nullif(trim(account_contact.role), '')) as role_there
  from account_contact
  where not coalesce(deleted, false)
  group by account_id, contact_id
)
select
  c.id,
  c.created_at,
  c.modified_at as updated_at,
  coalesce(c.deleted, false) as is_deleted,
  nullif(trim(c.account_id), '') as account_id,
  nullif(trim(c.first_name), '') as first_name,
  nullif(trim(c.last_name), '') as last_name,
  nullif(lower(trim(e.address)), '') as email,
  nullif(trim(p.phone), '') as phone,
  j.role_there as job_title,
  nullif(trim(c.assigned_user_id), '') as owner_id,
  case when length(trim(c.address_country)) = 2 then upper(trim(c.address_country)) end as country_code,
  e.opt_out as is_email_opt_out,
  e.invalid as is_email_invalid
from contact as c
left join roles as j on j.contact_id = c.id and j.account_id = c.account_id
left join primary_address as e on e.entity_id = c.id and e.kind = 'contact'
left join primary_phone as p on p.entity_id = c.id and p.kind = 'contact'
where c.id is not null

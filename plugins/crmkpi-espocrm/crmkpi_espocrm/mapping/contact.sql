-- The job title is the role at the primary account. Address and number are the primary ones.
with roles as (
  select account_id, contact_id, min(nullif(trim(account_contact.role), '')) as role_there
  from account_contact
  where not coalesce(deleted, false)
  group by account_id, contact_id
),
addresses as (
  select
    r.entity_id, a.name as address, a.opt_out, a.invalid,
    row_number() over (
      partition by r.entity_id order by case when r.is_primary then 0 else 1 end, r.id, a.id
    ) as place
  from entity_email_address as r
  inner join email_address as a on a.id = r.email_address_id and not coalesce(a.deleted, false)
  where lower(trim(r.entity_type)) = 'contact' and not coalesce(r.deleted, false)
),
phones as (
  select
    r.entity_id, p.name as phone,
    row_number() over (
      partition by r.entity_id order by case when r.is_primary then 0 else 1 end, r.id, p.id
    ) as place
  from entity_phone_number as r
  inner join phone_number as p on p.id = r.phone_number_id and not coalesce(p.deleted, false)
  where lower(trim(r.entity_type)) = 'contact' and not coalesce(r.deleted, false)
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
left join addresses as e on e.entity_id = c.id and e.place = 1
left join phones as p on p.entity_id = c.id and p.place = 1
where c.id is not null

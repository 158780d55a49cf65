-- The account is the one linked last, the address the primary one of the person.
with account_of as (
  select
    contact_id, account_id,
    row_number() over (partition by contact_id order by date_modified desc, id) as place
  from accounts_contacts
  where contact_id is not null and account_id is not null and not coalesce(deleted, false)
),
addresses as (
  select
    r.bean_id, a.email_address, a.opt_out, a.invalid_email,
    row_number() over (
      partition by r.bean_id order by case when r.primary_address then 0 else 1 end, r.id, a.id
    ) as place
  from email_addr_bean_rel as r
  inner join email_addresses as a on a.id = r.email_address_id and not coalesce(a.deleted, false)
  where lower(trim(r.bean_module)) = 'contacts' and not coalesce(r.deleted, false)
)
select
  c.id,
  c.date_entered as created_at,
  c.date_modified as updated_at,
  coalesce(c.deleted, false) as is_deleted,
  j.account_id,
  nullif(trim(c.first_name), '') as first_name,
  nullif(trim(c.last_name), '') as last_name,
  nullif(lower(trim(e.email_address)), '') as email,
  coalesce(nullif(trim(c.phone_work), ''), nullif(trim(c.phone_mobile), '')) as phone,
  nullif(trim(c.title), '') as job_title,
  nullif(trim(c.assigned_user_id), '') as owner_id,
  nullif(trim(c.lead_source), '') as lead_source,
  case when length(trim(c.primary_address_country)) = 2 then upper(trim(c.primary_address_country)) end
    as country_code,
  e.opt_out as is_email_opt_out,
  e.invalid_email as is_email_invalid
from contacts as c
left join account_of as j on j.contact_id = c.id and j.place = 1
left join addresses as e on e.bean_id = c.id and e.place = 1
where c.id is not null

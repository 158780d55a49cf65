select
  c.contact_id as id,
  c.created_time as created_at,
  c.modified_time as updated_at,
  c.account_id,
  nullif(trim(c.first_name), '') as first_name,
  nullif(trim(c.last_name), '') as last_name,
  nullif(lower(trim(c.email)), '') as email,
  coalesce(nullif(trim(c.phone), ''), nullif(trim(c.mobile), '')) as phone,
  nullif(trim(c.title), '') as job_title,
  coalesce(c.contact_owner_id, o.owner_id) as owner_id,
  nullif(trim(c.lead_source), '') as lead_source,
  c.email_opt_out as is_email_opt_out
from contacts as c
left join named_owner as o on o.owner_name = trim(c.contact_owner)
where c.contact_id is not null

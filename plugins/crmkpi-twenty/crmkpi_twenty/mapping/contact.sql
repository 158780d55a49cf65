select
  id,
  created_at,
  updated_at,
  deleted_at is not null as is_deleted,
  company_id as account_id,
  nullif(trim(name_first_name), '') as first_name,
  nullif(trim(name_last_name), '') as last_name,
  nullif(lower(trim(emails_primary_email)), '') as email,
  case
    when nullif(trim(phones_primary_phone_number), '') is not null
      then trim(coalesce(phones_primary_phone_calling_code, '')) || trim(phones_primary_phone_number)
  end as phone,
  nullif(trim(job_title), '') as job_title
from person
where id is not null

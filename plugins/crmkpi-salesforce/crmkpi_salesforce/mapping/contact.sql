-- A merged contact is deleted: who it was merged into is never told of one that is there.
select
  id,
  created_date as created_at,
  last_modified_date as updated_at,
  coalesce(is_deleted, false) or nullif(trim(master_record_id), '') is not null as is_deleted,
  account_id,
  nullif(trim(first_name), '') as first_name,
  coalesce(nullif(trim(last_name), ''), nullif(trim(name), '')) as last_name,
  nullif(lower(trim(email)), '') as email,
  coalesce(nullif(trim(phone), ''), nullif(trim(mobile_phone), '')) as phone,
  nullif(trim(title), '') as job_title,
  owner_id,
  nullif(trim(lead_source), '') as lead_source,
  upper(nullif(trim(mailing_country_code), '')) as country_code,
  has_opted_out_of_email as is_email_opt_out,
  email_bounced_date is not null as is_email_invalid
from contact

/*---
label: contacts
connect: a CRM
personal: [first_name, last_name, email, phone]
---*/
-- A person at an account.
create table contact (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  account_id text references account,  -- primary account
  first_name text,
  last_name text,
  email text,  -- lower-case
  phone text,  -- E.164 where possible
  job_title text,
  owner_id text references "user",
  lifecycle_stage text,
  lead_source text,  -- original source
  country_code text,
  is_email_opt_out boolean,  -- consent
  is_email_invalid boolean,  -- hard bounced
  merged_into_id text references contact  -- surviving record
);

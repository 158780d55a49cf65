/*---
label: leads
connect: a CRM
personal: [first_name, last_name, email, phone]
---*/
-- A person or company not yet qualified.
create table lead (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  company_name text,
  first_name text,
  last_name text,
  email text,
  phone text,
  owner_id text references "user",
  status text not null check (
    status in ('open', 'working', 'qualified', 'disqualified', 'converted')
  ),
  status_label text,  -- vendor label
  lead_source text,
  campaign_id text references campaign,
  lead_score double,
  country_code text,
  industry text,
  mql_at timestamp,  -- became marketing-qualified
  sql_at timestamp,  -- became sales-qualified
  first_response_at timestamp,  -- first outbound touch (speed to lead)
  converted_at timestamp,
  converted_account_id text references account,
  converted_contact_id text references contact,
  converted_opportunity_id text references opportunity,
  disqualified_reason text
);

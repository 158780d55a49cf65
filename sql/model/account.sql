/*---
label: accounts
connect: a CRM
---*/
-- A company: prospect, customer or partner.
create table account (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  name text not null,  -- legal/display name
  parent_account_id text references account,  -- hierarchy (ultimate parent roll-up)
  owner_id text references "user",  -- FK user
  account_type text check (
    account_type in ('prospect', 'customer', 'partner', 'former_customer', 'other')
  ),
  lifecycle_stage text check (
    lifecycle_stage in ('lead', 'mql', 'sql', 'opportunity', 'customer', 'churned')
  ),
  industry text,  -- vendor value
  segment text check (segment in ('SMB', 'mid-market', 'enterprise')),  -- or derived from employees
  region text,  -- sales region
  country_code text,  -- ISO-3166 alpha-2
  city text,
  website_domain text,  -- lower-case registrable domain (dedup key)
  annual_revenue double,  -- in currency
  employee_count bigint,
  currency text,  -- ISO-4217
  health_score double,  -- 0-100 customer-success score
  customer_since date,  -- first won / first active subscription
  churned_at date,
  csm_user_id text references "user",  -- customer success manager
  last_activity_at timestamp
);

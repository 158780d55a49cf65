/*---
label: CRM logins
connect: a CRM that exports logins
---*/
-- A login to the CRM.
create table user_login (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  user_id text not null references "user",
  logged_in_at timestamp not null,
  status text not null check (status in ('success', 'failure')),
  channel text check (channel in ('web', 'mobile', 'api'))
);

/*---
label: users
connect: a CRM
---*/
-- Somebody who works in the CRM.
create table "user" (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  name text not null,
  email text,
  is_active boolean not null,
  role text,
  profile text,  -- licence/profile
  team_id text references team,  -- primary team
  manager_id text references "user",  -- FK user
  time_zone text,  -- IANA
  is_licensed boolean,  -- seat counted for adoption
  hired_at date,  -- ramp time
  deactivated_at timestamp,
  last_login_at timestamp
);

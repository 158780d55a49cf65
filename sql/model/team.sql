/*---
label: teams
connect: a CRM
---*/
-- A group of users.
create table team (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  name text not null,
  parent_team_id text references team,
  kind text check (kind in ('sales', 'service', 'marketing', 'success'))
);

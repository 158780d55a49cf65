/*---
label: pipelines
connect: a CRM
---*/
-- A sequence of stages that opportunities, tickets or leads run through.
create table pipeline (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  name text not null,
  object_type text not null check (object_type in ('opportunity', 'ticket', 'lead')),
  is_default boolean,
  is_active boolean not null,
  display_order bigint
);

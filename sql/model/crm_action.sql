/*---
label: CRM user actions
connect: a CRM audit log
---*/
-- What a user did in the CRM.
create table crm_action (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  user_id text not null references "user",
  occurred_at timestamp not null,
  object_type text not null,
  action text not null check (action in ('read', 'create', 'update', 'delete', 'report_view'))
);

/*---
label: training completions
connect: a learning system
---*/
-- A training assigned to a user.
create table training_completion (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  user_id text not null references "user",
  course text not null,
  assigned_at timestamp,
  completed_at timestamp,
  score double
);

/*---
label: stages
connect: a CRM
---*/
-- One step of a pipeline; won and lost are read from its flags.
create table stage (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  pipeline_id text not null references pipeline,
  name text not null,
  object_type text not null,
  display_order bigint not null,
  probability double,  -- 0..1
  is_closed boolean not null,
  is_won boolean not null,
  forecast_category text check (
    forecast_category in ('pipeline', 'best_case', 'commit', 'closed', 'omitted')
  ),
  expected_days bigint,  -- rotting threshold
  is_active boolean not null
);

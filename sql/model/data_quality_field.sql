/*---
label: data quality fields
connect: the compiler
---*/
-- Which canonical columns a source supplies.
create table data_quality_field (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  entity text not null,
  column_name text not null,
  is_mapped boolean not null,  -- vendor supplies it
  is_required boolean not null,
  source_expression text
);

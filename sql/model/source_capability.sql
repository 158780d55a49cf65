/*---
label: source capabilities
connect: the compiler
---*/
-- What a source supplies, and how fresh it is.
create table source_capability (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  entity text not null,
  availability text not null check (availability in ('native', 'derived', 'absent')),
  as_of timestamp not null,
  row_count bigint,
  max_updated_at timestamp  -- freshness
);

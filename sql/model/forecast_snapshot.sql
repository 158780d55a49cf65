/*---
label: forecast snapshots
connect: forecast snapshots
---*/
-- The forecast as it stood on a day.
create table forecast_snapshot (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  snapshot_date date not null,
  period_start date not null,
  owner_id text references "user",
  opportunity_id text references opportunity,  -- opportunity-grain snapshot
  forecast_category text not null,
  amount_base double not null,
  stage_id text references stage,
  expected_close_date date
);

/*---
label: opportunity history
connect: a CRM with stage history
---*/
-- What changed on an opportunity, and when; dense as-of rows.
create table opportunity_history (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  opportunity_id text not null references opportunity,
  changed_at timestamp not null,  -- valid_from
  valid_to timestamp,  -- next change; null=current
  changed_by_id text references "user",
  field text not null check (
    field in ('stage', 'amount', 'expected_close_date', 'owner', 'forecast_category', 'probability')
  ),
  old_value text,
  new_value text,
  stage_id text references stage,  -- stage after the change (dense as-of row)
  amount double,  -- as of
  expected_close_date date,  -- as of (push/slip count)
  probability double,  -- as of
  is_reconstructed boolean not null  -- true = inferred from created/last-stage-change or own snapshots
);

/*---
label: quotas
connect: a CRM with quotas, or targets in the profile
money:  # column: dates whose rate applies, the first that is known; latest = constant currency
  target_amount: period_start
---*/
-- A target of a user or team for a period.
create table quota (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  owner_id text references "user",  -- user or team
  team_id text references team,
  period_start date not null,
  period_end date not null,
  measure text not null check (measure in ('bookings', 'arr', 'activities', 'pipeline')),
  target_amount double not null,
  currency text
);

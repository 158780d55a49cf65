/*---
label: exchange rates
connect: rates in the profile or CRM
---*/
-- A dated exchange rate.
create table fx_rate (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  from_currency text not null,
  to_currency text not null,
  valid_from date not null,
  valid_to date,
  rate double not null  -- to = from * rate
);

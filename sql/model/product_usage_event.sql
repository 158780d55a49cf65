/*---
label: product usage
connect: a product analytics source
---*/
-- Use of the product, per account, feature and day.
create table product_usage_event (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  account_id text references account,
  contact_id text references contact,
  visitor_id text,
  feature text not null,
  event_date date not null,
  occurred_at timestamp,
  event_count bigint not null,
  minutes double
);

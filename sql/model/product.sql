/*---
label: products
connect: a CRM or billing system
---*/
-- What is sold.
create table product (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  name text not null,
  code text,  -- SKU
  family text,
  is_recurring boolean,
  list_price double,
  currency text,
  is_active boolean
);

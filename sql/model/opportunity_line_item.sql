/*---
label: opportunity line items
connect: a CRM
money:  # column: dates whose rate applies, the first that is known; latest = constant currency
  total_price: created_date
  unit_price: created_date
---*/
-- A product on an opportunity.
create table opportunity_line_item (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  opportunity_id text not null references opportunity,
  product_id text references product,
  quantity double not null,
  unit_price double not null,
  discount_amount double,
  total_price double not null,
  currency text,
  is_recurring boolean,
  term_months bigint
);

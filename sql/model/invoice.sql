/*---
label: invoices
connect: a billing system
money:  # column: dates whose rate applies, the first that is known; latest = constant currency
  total_amount: issued_date
  amount_due: issued_date
---*/
-- An invoice, credit note or order.
create table invoice (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  account_id text not null references account,
  subscription_id text references subscription,
  opportunity_id text references opportunity,
  document_type text not null check (document_type in ('invoice', 'credit_note', 'order')),
  issued_date date not null,
  due_date date,
  paid_at timestamp,
  status text not null check (status in ('draft', 'open', 'paid', 'void', 'uncollectible')),
  total_amount double not null,  -- signed
  amount_due double,
  currency text not null
);

/*---
label: MRR movements
connect: a billing system
money:  # column: dates whose rate applies, the first that is known; latest = constant currency
  mrr_change: latest
  mrr_after: latest
---*/
-- One change of monthly recurring revenue.
create table mrr_movement (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  subscription_id text references subscription,
  account_id text not null references account,
  movement_date date not null,
  movement_type text not null check (
    movement_type in ('new', 'expansion', 'contraction', 'churn', 'reactivation')
  ),
  mrr_change double not null,  -- signed
  mrr_after double,
  currency text not null
);

/*---
label: renewals
connect: a billing system or CRM
---*/
-- A contract that falls due.
create table renewal (
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
  due_date date not null,
  status text not null check (status in ('open', 'renewed', 'partially_renewed', 'churned')),
  arr_up_for_renewal double not null,
  arr_renewed double,
  closed_at timestamp,
  owner_id text references "user"
);

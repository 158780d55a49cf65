/*---
label: subscriptions
connect: a billing system
money:  # column: dates whose rate applies, the first that is known; latest = constant currency
  mrr: latest
---*/
-- A recurring contract.
create table subscription (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  account_id text not null references account,
  product_id text references product,
  opportunity_id text references opportunity,
  status text not null check (
    status in ('trialing', 'active', 'past_due', 'paused', 'cancelled', 'expired')
  ),
  start_date date not null,
  current_term_start date,
  current_term_end date,  -- = renewal date
  term_months bigint,
  billing_interval text check (billing_interval in ('month', 'quarter', 'year')),
  quantity double,  -- seats
  mrr double not null,  -- normalised monthly, in currency
  currency text not null,
  auto_renew boolean,
  notice_given_at timestamp,
  cancelled_at timestamp,
  ended_at date,
  churn_reason text
);

/*---
label: campaigns
connect: a CRM or marketing tool
money:  # column: dates whose rate applies, the first that is known; latest = constant currency
  budgeted_cost: start_date, created_date
  actual_cost: start_date, created_date
  expected_revenue: start_date, created_date
---*/
-- A marketing campaign.
create table campaign (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  name text not null,
  campaign_type text,  -- email|webinar|event|paid_search|paid_social|content|...
  channel text,
  status text check (status in ('planned', 'active', 'completed', 'aborted')),
  parent_campaign_id text references campaign,
  start_date date,
  end_date date,
  budgeted_cost double,
  actual_cost double,
  expected_revenue double,
  currency text,
  owner_id text references "user"
);

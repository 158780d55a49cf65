/*---
label: opportunities
connect: a CRM
money:  # column: dates whose rate applies, the first that is known; latest = constant currency
  amount: closed_date, expected_close_date, created_date
  arr_amount: closed_date, expected_close_date, created_date
---*/
-- A deal.
create table opportunity (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  name text not null,
  account_id text references account,
  primary_contact_id text references contact,
  owner_id text references "user",
  pipeline_id text references pipeline,
  stage_id text not null references stage,
  status text not null check (status in ('open', 'won', 'lost')),  -- from stage flags, not label
  opportunity_type text check (
    opportunity_type in ('new_business', 'expansion', 'renewal', 'other')
  ),
  amount double,  -- in currency (TCV or vendor amount)
  currency text,  -- ISO-4217
  amount_base double,  -- in reporting currency (fx at close/created date)
  arr_amount double,  -- annual recurring part
  probability double,  -- 0..1
  forecast_category text check (
    forecast_category in ('pipeline', 'best_case', 'commit', 'closed', 'omitted')
  ),
  expected_close_date date,  -- as of now
  closed_at timestamp,  -- real won/lost time
  stage_entered_at timestamp,  -- current stage since
  lead_source text,
  campaign_id text references campaign,  -- primary campaign source
  source_lead_id text references lead,
  loss_reason text,
  competitor text,
  next_step text,
  next_activity_at timestamp,
  last_activity_at timestamp,
  renewal_of_subscription_id text references subscription
);

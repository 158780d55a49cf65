/*---
label: marketing spend
connect: an advertising or finance source
money:  # column: dates whose rate applies, the first that is known; latest = constant currency
  spend: spend_date
  conversion_value: spend_date
---*/
-- Money spent on marketing and sales, per day, platform and campaign.
create table marketing_spend (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  spend_date date not null,  -- in ad-account time zone
  platform text not null,  -- google_ads|meta|linkedin|...
  ad_account_id text,
  campaign_id text references campaign,  -- canonical campaign (by utm/name map)
  external_campaign_id text not null,
  channel text,
  spend double not null,  -- in currency
  currency text not null,
  impressions bigint,
  clicks bigint,
  conversions double,
  conversion_value double
);

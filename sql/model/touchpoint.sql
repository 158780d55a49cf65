/*---
label: marketing touchpoints
connect: a web analytics or form tool
---*/
-- A contact with marketing: visit, form, click, event.
create table touchpoint (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  contact_id text references contact,
  lead_id text references lead,
  account_id text references account,
  occurred_at timestamp not null,
  channel text not null,
  utm_source text,
  utm_medium text,
  utm_campaign text,
  campaign_id text references campaign,
  touch_type text not null check (
    touch_type in ('visit', 'form', 'ad_click', 'event', 'email', 'chat')
  )
);

/*---
label: campaign members
connect: a CRM or marketing tool
---*/
-- A lead or contact reached by a campaign.
create table campaign_member (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  campaign_id text not null references campaign,
  lead_id text references lead,
  contact_id text references contact,
  status text,
  first_touch_at timestamp not null,  -- joined
  has_responded boolean,
  responded_at timestamp
);

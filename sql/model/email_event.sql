/*---
label: email events
connect: an email marketing tool
personal: [recipient]
---*/
-- One event of one marketing email to one recipient.
create table email_event (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  campaign_id text references campaign,
  email_id text,  -- send job/template
  contact_id text references contact,
  lead_id text references lead,
  recipient text,
  event_type text not null check (
    event_type in (
      'sent', 'delivered', 'open', 'click', 'bounce', 'unsubscribe', 'spam_report', 'dropped'
    )
  ),
  bounce_type text check (bounce_type in ('hard', 'soft')),
  occurred_at timestamp not null,
  url text,
  is_bot boolean  -- filtered event
);

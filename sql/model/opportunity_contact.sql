/*---
label: opportunity contacts
connect: a CRM
---*/
-- Which contacts take part in an opportunity, in which role.
create table opportunity_contact (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  opportunity_id text not null references opportunity,
  contact_id text not null references contact,
  role text,
  is_primary boolean
);

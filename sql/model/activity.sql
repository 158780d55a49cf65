/*---
label: activities
connect: a CRM
personal: [subject]
---*/
-- A call, email, meeting or task.
create table activity (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  activity_type text not null check (
    activity_type in ('call', 'email', 'meeting', 'task', 'note', 'sms', 'chat', 'visit')
  ),
  direction text check (direction in ('inbound', 'outbound')),
  subject text,
  sentiment double,  -- -1..1, of the customer's own words; null: unknown, or a language not rated
  status text not null check (status in ('open', 'completed', 'cancelled')),
  outcome text,  -- disposition
  owner_id text references "user",
  account_id text references account,  -- resolved from polymorphic parent
  contact_id text references contact,
  lead_id text references lead,
  opportunity_id text references opportunity,
  ticket_id text references ticket,
  scheduled_at timestamp,
  due_at timestamp,
  occurred_at timestamp,  -- start / sent
  completed_at timestamp,
  duration_seconds bigint
);

/*---
label: support ticket events
connect: a help desk
---*/
-- What happened to a ticket.
create table ticket_event (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  ticket_id text not null references ticket,
  occurred_at timestamp not null,
  actor_id text,  -- user or contact
  actor_type text not null check (actor_type in ('agent', 'requester', 'system')),
  event_type text not null check (
    event_type in (
      'created', 'status', 'priority', 'assignee', 'team', 'public_reply', 'private_note',
      'requester_reply', 'sla', 'merge'
    )
  ),
  old_value text,
  new_value text
);

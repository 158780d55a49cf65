/*---
label: ticket SLAs
connect: a help desk with SLA policies
---*/
-- One SLA target applied to one ticket.
create table ticket_sla (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  ticket_id text not null references ticket,
  metric text not null check (
    metric in ('first_reply', 'next_reply', 'resolution', 'requester_wait', 'agent_work', 'periodic_update')
  ),
  policy_name text,
  target_minutes double not null,
  is_business_hours boolean not null,
  business_hours_id text,
  applied_at timestamp not null,  -- start
  due_at timestamp,
  fulfilled_at timestamp,
  breached_at timestamp,
  elapsed_minutes double,  -- net of pauses, in the clock of is_business_hours
  status text not null check (status in ('active', 'paused', 'achieved', 'breached', 'cancelled'))
);

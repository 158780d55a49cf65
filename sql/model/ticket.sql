/*---
label: support tickets
connect: a help desk
personal: [subject]
---*/
-- A support case.
create table ticket (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  number text,
  subject text,
  sentiment double,  -- -1..1, of the customer's own words; null: unknown, or a language not rated
  account_id text references account,
  contact_id text references contact,  -- requester
  owner_id text references "user",  -- assignee
  team_id text references team,  -- group/queue
  channel text check (channel in ('email', 'phone', 'chat', 'web', 'social', 'api')),
  ticket_type text check (ticket_type in ('question', 'incident', 'problem', 'task')),
  category text,
  priority text check (priority in ('low', 'normal', 'high', 'urgent')),
  status text not null check (
    status in ('new', 'open', 'pending', 'on_hold', 'solved', 'closed', 'merged')
  ),
  status_label text,
  product_id text references product,
  first_response_at timestamp,
  solved_at timestamp,  -- last solve
  closed_at timestamp,
  reopen_count bigint,
  reply_count bigint,  -- agent public replies (FCR: 1)
  is_escalated boolean,
  parent_ticket_id text references ticket,
  merged_into_id text references ticket
);

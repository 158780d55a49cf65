/*---
label: survey responses
connect: a survey tool
personal: [comment]
---*/
-- One survey sent or answered: CSAT, NPS or CES.
create table survey_response (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  survey_type text not null check (survey_type in ('csat', 'nps', 'ces')),
  score double,  -- raw
  scale_min double not null,
  scale_max double not null,
  normalized_score double,  -- 0..100
  category text,  -- promoter|passive|detractor / satisfied|neutral|dissatisfied
  comment text,
  sentiment double,  -- -1..1, of the customer's own words; null: unknown, or a language not rated
  account_id text references account,
  contact_id text references contact,
  ticket_id text references ticket,
  opportunity_id text references opportunity,
  agent_id text references "user",
  sent_at timestamp,  -- null = not tracked (response rate undefined)
  responded_at timestamp  -- null = not answered
);

/*---
label: matched accounts
connect: a second system that knows your accounts, and name both under `accounts`
---*/
-- An account of a further system, and which account of the systems before it is the same company.
create table account_match (
  id text not null,  -- its own `<source>:<native id>`, before it was matched
  source_system text not null,  -- stripe|zendesk|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  source text not null,  -- the source's name in the profile
  name text not null,
  website_domain text,
  account_id text references account,  -- the account it is; null: an account of its own
  status text not null check (status in ('matched', 'ambiguous', 'unmatched')),
  matched_by text check (
    matched_by in ('map', 'domain', 'e-mail')
  ),  -- where several accounts came into question, by which rule
  candidates bigint not null,  -- accounts that came into question by that rule
  candidate_id text references account,  -- the first of them by id
  other_candidate_id text references account  -- the last of them
);

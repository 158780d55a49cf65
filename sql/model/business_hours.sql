/*---
label: business hours
connect: the profile
---*/
-- Opening hours of a schedule (named by `name`), one row per weekday, one per holiday,
-- and one per user and team that works by it.
create table business_hours (
  id text not null,  -- `<source>:<native id>` unique across vendors
  source_system text not null,  -- salesforce|hubspot|...
  source_id text not null,  -- native id, case kept
  created_at timestamp,  -- vendor creation (UTC)
  updated_at timestamp,  -- vendor modification (UTC)
  is_deleted boolean not null,  -- soft delete/archived/merged
  synced_at timestamp not null,  -- loader time
  custom text,  -- unmapped vendor fields (JSON)
  name text not null,
  time_zone text not null,  -- IANA
  weekday bigint not null,  -- ISO 1=Mon..7
  start_minute bigint not null,  -- minutes after local midnight
  end_minute bigint not null,
  holiday_date date,  -- row is a holiday if set
  for_user text,  -- row puts the user of this e-mail address or name on the schedule if set
  for_team text  -- row puts the team of this name on the schedule if set
);

"""Warehouses of CRMs that no vendor made, as `crmkpi init` meets them."""

from __future__ import annotations

#: the tables of MicroPyramid's Django-CRM, as far as they matter here
DJANGO_CRM = [
    "create table {s}.accounts (id integer, name varchar(99), email varchar(99), phone varchar(99),"
    " industry varchar(99), website varchar(99), status varchar(9), created_at timestamptz,"
    " is_active boolean, lead_id integer)",
    "insert into {s}.accounts values"
    " (1, 'Ash', 'ash@ash.example', '1', 'TECH', 'ash.example', 'open', '2026-01-01 10:00:00+00',"
    " true, null),"
    " (2, 'Birch', null, null, 'FOOD', 'birch.example', 'open', '2026-01-02 10:00:00+00', true, 1)",
    "create table {s}.opportunity (id integer, name varchar(99), account_id integer,"
    " stage varchar(64), lead_source varchar(99), probability integer, amount decimal(12, 2),"
    " currency varchar(3), closed_on date, created_at timestamptz, created_by_id integer,"
    " is_active boolean)",
    # two of three that ended are won ones; the open one has a day too
    "insert into {s}.opportunity values"
    " (1, 'A', 1, 'CLOSED WON', 'CALL', 100, 100, 'USD', '2026-02-01', '2026-01-05 10:00:00+00', 7,"
    " true),"
    " (2, 'B', 1, 'CLOSED LOST', 'CALL', 0, 50, 'USD', '2026-02-02', '2026-01-06 10:00:00+00', 7,"
    " true),"
    " (3, 'C', 2, 'PROPOSAL', 'CALL', 50, 70, 'USD', '2026-02-03', '2026-01-31 23:30:00+00', 7,"
    " true),"
    " (4, 'D', 2, 'CLOSED WON', 'MAIL', 100, 10, 'EUR', '2026-03-01', '2026-02-15 10:00:00+00', 7,"
    " true)",
    "create table {s}.leads (id integer, title varchar(99), first_name varchar(99),"
    " last_name varchar(99), status varchar(99), source varchar(99), email varchar(99),"
    " phone varchar(99), website varchar(99), created_at timestamptz)",
    "insert into {s}.leads values (1, 'x', 'Ann', 'Ash', 'assigned', 'web', 'Ann@Ash.example',"
    " '1', 'ash.example', '2026-01-01 10:00:00+00'),"
    " (2, 'y', 'Bo', 'Birch', 'converted', 'web', null, null, null, '2026-01-01 10:00:00+00')",
    'create table {s}."case" (id integer, name varchar(99), status varchar(64),'
    " priority varchar(64), case_type varchar(64), account_id integer, closed_on date,"
    " created_at timestamptz)",
    "insert into {s}.\"case\" values (1, 'c', 'New', 'Low', 'Question', 1, null,"
    " '2026-01-01 10:00:00+00'),"
    " (2, 'd', 'Closed', 'Urgent', 'Incident', 1, '2026-01-04', '2026-01-01 10:00:00+00'),"
    " (3, 'e', 'Rejected', 'High', 'Problem', 2, '2026-01-04', '2026-01-01 10:00:00+00')",
    "create table {s}.attachments (id integer, file_name varchar(99))",
]

#: names with capitals and spaces, stages in a table of their own
SPACED = [
    'create table {s}."Companies" ("Company ID" integer, "Company Name" varchar(99))',
    "insert into {s}.\"Companies\" values (1, 'Ash')",
    'create table {s}."Stages" ("Stage ID" integer, "Stage Name" varchar(99), "Position" integer)',
    "insert into {s}.\"Stages\" values (1, 'Talk', 1), (2, 'Won', 2), (3, 'Lost', 3)",
    'create table {s}."Deals" ("Deal ID" integer, "Deal Name" varchar(99), "Company" integer,'
    ' "Stage ID" integer, "Amount" decimal(12, 2), "Created Date" timestamp, "Closed On" date)',
    "insert into {s}.\"Deals\" values (1, 'A', 1, 2, 100, '2026-01-05 10:00:00', '2026-02-01'),"
    " (2, 'B', 1, 3, 50, '2026-01-06 10:00:00', '2026-02-02'),"
    " (3, 'C', 1, 3, 50, '2026-01-07 10:00:00', '2026-02-03'),"
    " (4, 'D', 1, 3, 50, '2026-01-07 10:00:00', '2026-02-04'),"
    " (5, 'E', 1, 1, 50, '2026-02-07 10:00:00', null)",
]

#: everything is a text, as of a CSV file
TEXTS = [
    "create table {s}.companies (id varchar(99), name varchar(99), country varchar(99),"
    " created_at varchar(99))",
    "insert into {s}.companies values ('c1', 'Ash', 'de', '16-10-2024'), ('c2', 'Elm', 'at', '')",
    "create table {s}.deals (id varchar(99), name varchar(99), company varchar(99),"
    " status varchar(99), value varchar(99), created varchar(99), closed_on varchar(99),"
    " owner varchar(99), archived varchar(9))",
    "insert into {s}.deals values"
    # in UTC the first was created in January
    " ('d1', 'A', 'c1', 'Won', '100.50', '2026-02-01T01:00:00+02:00', '2026-02-01', 'Kim', 'no'),"
    " ('d2', 'B', 'c1', 'Lost', '50', '2026-01-06T10:00:00Z', '2026-02-02', 'Kim', 'no'),"
    " ('d3', 'C', 'c2', 'Lost', '', '2026-01-07T10:00:00Z', '2026-02-03', 'Lee', 'no'),"
    " ('d4', 'D', 'c2', 'Won', '7', '2026-01-08T10:00:00Z', '2026-02-04', 'Lee', 'yes'),"
    " ('d5', 'E', 'c2', 'Talking', '7', '2026-03-08T10:00:00Z', '', 'Lee', 'no')",
    "create table {s}.users (id varchar(9), name varchar(99), email varchar(99))",
    "insert into {s}.users values ('u1', 'Kim', 'kim@ash.example')",
]

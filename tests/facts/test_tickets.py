"""Tickets, their waits and their SLAs in cases worked out by hand (open 9 to 17, Mon to Fri)."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from tests.canonical import canonical

TODAY = date(2026, 6, 30)  # a Tuesday
TICKETS = [
    # opened Friday 16:00, answered Monday 10:00, solved Monday 12:00
    {
        "id": "weekend",
        "created_at": "2026-06-19 16:00",
        "status": "solved",
        "first_response_at": "2026-06-22 10:00",
        "solved_at": "2026-06-22 12:00",
        "reply_count": 1,
        "account_id": "a",
        "owner_id": "u",
        "priority": "high",
    },
    # the system answers at once, an agent an hour later; waits for the customer for two hours
    {
        "id": "waited",
        "created_at": "2026-06-22 09:00",
        "status": "closed",
        "first_response_at": "2026-06-22 09:01",
        "solved_at": "2026-06-22 15:00",
        "closed_at": "2026-06-26 15:00",
    },
    {"id": "open", "created_at": "2026-06-25 09:00", "status": "open", "reopen_count": 1},
    {"id": "merged", "created_at": "2026-06-25 09:00", "status": "merged"},
]
EVENTS = [
    ("waited", "2026-06-22 09:00", "agent", "public_reply", None),
    ("waited", "2026-06-22 09:01", "system", "public_reply", None),
    ("waited", "2026-06-22 10:00", "agent", "public_reply", None),
    ("waited", "2026-06-22 11:00", "agent", "status", "pending"),
    ("waited", "2026-06-22 13:00", "requester", "status", "open"),
    ("waited", "2026-06-22 15:00", "agent", "status", "solved"),
]
SLAS = [
    {"id": "met", "ticket_id": "weekend", "metric": "first_reply", "due_at": "2026-06-22 11:00"},
    {"id": "late", "ticket_id": "weekend", "metric": "resolution", "due_at": "2026-06-22 11:30"},
    {"id": "overdue", "ticket_id": "open", "metric": "first_reply", "due_at": "2026-06-28 12:00"},
    {"id": "today", "ticket_id": "open", "metric": "resolution", "due_at": "2026-06-30 08:00"},
    {
        "id": "cancelled",
        "ticket_id": "open",
        "metric": "resolution",
        "due_at": "2026-06-01 09:00",
        "status": "cancelled",
    },
]


def warehouse(kind, settings=None):
    events = [
        {
            "id": f"e{n}",
            "ticket_id": t,
            "occurred_at": at,
            "actor_type": who,
            "event_type": what,
            "old_value": None,
            "new_value": new,
        }
        for n, (t, at, who, what, new) in enumerate(EVENTS)
    ]
    slas = [
        {
            "status": "active",
            "target_minutes": 60,
            "applied_at": "2026-06-20",
            "is_business_hours": True,
            **sla,
        }
        for sla in SLAS
    ]
    frames = {
        "ticket": pd.DataFrame(TICKETS),
        "ticket_event": pd.DataFrame(events),
        "ticket_sla": pd.DataFrame(slas),
        "account": pd.DataFrame([{"id": "a", "name": "Acme", "region": "North"}]),
        "user": pd.DataFrame([{"id": "u", "name": "Ann", "team_id": "t"}]),
        "team": pd.DataFrame([{"id": "t", "name": "Desk"}]),
    }
    return canonical(kind, frames, today=TODAY, settings=settings)


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def db(request):
    return warehouse(request.param)


@pytest.fixture(scope="module")
def tickets(db):
    return db.fact("tickets").set_index("ticket_id")


def test_nights_and_weekends_do_not_count(tickets):
    assert float(tickets.loc["weekend", "first_response_hours"]) == 2
    assert float(tickets.loc["weekend", "resolution_hours"]) == 4


def test_neither_the_opening_message_nor_the_system_answers_a_ticket(tickets):
    assert float(tickets.loc["waited", "first_response_hours"]) == 1
    assert int(tickets.loc["waited", "replies"]) == 1


def test_an_open_ticket_has_no_times_but_an_age_and_a_next_action(tickets):
    row = tickets.loc["open"]
    assert pd.isna(row["first_response_hours"])
    assert pd.isna(row["resolution_hours"])
    assert (int(row["is_open"]), int(row["is_unanswered"]), int(row["age_days"])) == (1, 1, 5)
    assert (row["age_band"], row["next_action"]) == ("02-07 days", "Assign an owner")


def test_a_merged_ticket_is_gone(tickets):
    assert set(tickets.index) == {"weekend", "waited", "open"}


def test_dimensions_are_never_null(tickets):
    assert list(tickets.loc["weekend", ["owner", "team", "account_name", "region"]]) == [
        "Ann",
        "Desk",
        "Acme",
        "North",
    ]
    assert list(tickets.loc["open", ["owner", "team", "account_name", "region"]]) == ["(none)"] * 4


def test_waiting_for_the_customer_is_taken_out_on_request(tickets):
    without = warehouse("duckdb", {"exclude_waiting": 1}).fact(
        "tickets", ["ticket_id", "resolution_hours"]
    )
    assert float(tickets.loc["waited", "resolution_hours"]) == 6
    assert float(without.set_index("ticket_id").loc["waited", "resolution_hours"]) == 4


def test_slas_are_judged_and_overdue_ones_say_by_how_much(db):
    slas = db.fact("ticket_slas").set_index("sla_id")
    assert dict(slas["sla_status"]) == {
        "met": "met",
        "late": "breached",
        "overdue": "breached",
        "today": "not yet due",
        "cancelled": "cancelled",
    }
    assert float(slas.loc["late", "minutes_overdue"]) == 30
    assert float(slas.loc["overdue", "minutes_overdue"]) == 36 * 60
    assert dict(slas["is_overdue"].astype(int)) == {
        "met": 0,
        "late": 0,
        "overdue": 1,
        "today": 0,
        "cancelled": 0,
    }
    assert slas.loc["overdue", "next_action"] == "Assign an owner today"
    assert db.kpi("sla_compliance") == 0


def test_the_backlog_is_a_level(db):
    days = db.kpi("ticket_backlog", by=["day_date"]).set_index("day_date")["value"]
    levels = {pd.Timestamp(day).strftime("%m-%d"): int(value) for day, value in days.items()}
    assert levels["06-19"] == 1
    assert levels["06-22"] == 0
    assert levels["06-24"] == 0
    assert levels["06-30"] == 1

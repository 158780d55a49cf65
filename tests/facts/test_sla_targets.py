"""An SLA without a due moment is judged by its target, in the minutes that its policy counts."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from tests.canonical import canonical

TODAY = date(2026, 6, 15)  # a Monday; open 9 to 17, Monday to Friday
TICKETS = {
    "silent": {"status": "open", "created_at": "2026-06-12 10:00"},
    "solved": {
        "status": "solved",
        "created_at": "2026-06-12 10:00",
        "solved_at": "2026-06-12 10:30",
    },
    # Friday 16 to Monday 10: two open hours
    "late": {
        "status": "solved",
        "created_at": "2026-06-12 16:00",
        "first_response_at": "2026-06-15 10:00",
        "solved_at": "2026-06-15 10:00",
    },
    # the day before the clocks go ahead in Berlin
    "spring": {"status": "open", "created_at": "2026-03-28 12:00"},
}
OPEN = {"is_business_hours": True}
#: name -> ticket, target in minutes, and what else the help desk says
SLAS = {
    "missed": ("silent", 60, {}),
    "today": ("silent", (14 + 48 + 9) * 60, {}),
    "seven open hours": ("silent", 420, OPEN),
    "six open hours": ("silent", 360, OPEN),
    "two open hours": ("late", 120, OPEN),
    "less than two": ("late", 119, OPEN),
    "two hours": ("late", 120, {}),
    "paused": ("silent", 60, {"status": "paused"}),
    "solved in time": ("solved", 60, {}),
    "solved late": ("solved", 20, {}),
    "solved before due": ("solved", 60, {"due_at": "2026-06-12 11:00"}),
    "stopping": ("silent", 60, {"metric": "requester_wait"}),
    "stopped": ("late", 60, {"metric": "agent_work"}),
    "told": ("silent", 60, {"metric": "agent_work", "elapsed_minutes": 61}),
    "spring": ("spring", 60, {}),
    "spring due": ("spring", 60, {"due_at": "2026-03-28 13:00"}),
}


def judged(kind: str, time_zone: str = "UTC") -> pd.DataFrame:
    rows = [
        {
            "id": name,
            "ticket_id": ticket,
            "metric": "first_reply",
            "target_minutes": target,
            "is_business_hours": False,
            "applied_at": TICKETS[ticket]["created_at"],
            "status": "active",
            **said,
        }
        for name, (ticket, target, said) in SLAS.items()
    ]
    frames = {
        "ticket": pd.DataFrame([{"id": name, **given} for name, given in TICKETS.items()]),
        "ticket_sla": pd.DataFrame(rows),
    }
    db = canonical(kind, frames, today=TODAY, time_zone=time_zone)
    return db.fact("ticket_slas").set_index("sla_id")


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def slas(request):
    return judged(request.param)


def test_a_ticket_without_a_reply_past_its_target_is_breached_and_overdue(slas):
    row = slas.loc["missed"]
    assert row["sla_status"] == "breached"
    assert (int(row["is_missed"]), int(row["is_overdue"])) == (1, 1)
    # due on Friday at 11; what is known of now is last midnight
    assert pd.Timestamp(row["due_date"]).date() == date(2026, 6, 12)
    assert float(row["minutes_overdue"]) == (13 + 48) * 60
    assert int(row["days_overdue"]) == 3
    assert row["next_action"] == "Assign an owner today"


def test_a_target_that_ends_today_is_not_yet_due(slas):
    row = slas.loc["today"]
    assert row["sla_status"] == "not yet due"
    assert (int(row["is_due"]), int(row["is_overdue"])) == (0, 0)
    assert pd.Timestamp(row["due_date"]).date() == TODAY


def test_business_minutes_of_the_schedule_count_where_the_policy_says_so(slas):
    assert slas.loc["seven open hours", "sla_status"] == "not yet due"
    row = slas.loc["six open hours"]
    assert (row["sla_status"], int(row["is_overdue"])) == ("breached", 1)
    assert float(row["minutes_overdue"]) == 60


def test_a_reply_is_held_against_business_minutes_too(slas):
    assert slas.loc["two open hours", "sla_status"] == "met"
    row = slas.loc["less than two"]
    assert (row["sla_status"], int(row["is_overdue"])) == ("breached", 0)
    assert float(row["minutes_overdue"]) == 1
    assert slas.loc["two hours", "sla_status"] == "breached"


def test_a_paused_clock_does_not_run_out(slas):
    assert slas.loc["paused", "sla_status"] == "not yet due"


def test_a_ticket_solved_without_a_reply_waits_no_longer(slas):
    assert slas.loc["solved in time", "sla_status"] == "met"
    assert slas.loc["solved before due", "sla_status"] == "met"
    row = slas.loc["solved late"]
    assert (row["sla_status"], int(row["is_overdue"])) == ("breached", 0)


def test_a_clock_that_stops_for_the_other_side_is_not_guessed(slas):
    assert slas.loc["stopping", "sla_status"] == "not yet due"
    assert slas.loc["stopped", "sla_status"] == "unknown"
    assert slas.loc["told", "sla_status"] == "breached"


def test_what_is_overdue_is_overdue_by_elapsed_time():
    rows = judged("duckdb", "Europe/Berlin")
    # due at 14:00 in winter time, judged at midnight in summer time
    elapsed = pd.Timestamp("2026-06-14 22:00") - pd.Timestamp("2026-03-28 13:00")
    for name in ("spring", "spring due"):
        assert float(rows.loc[name, "minutes_overdue"]) == elapsed / pd.Timedelta(minutes=1)

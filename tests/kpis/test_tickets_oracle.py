"""Ticket KPIs agree with a separate implementation, on random tickets, on both engines."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest

from tests.canonical import canonical
from tests.oracles import tickets as oracle
from tests.oracles.compare import assert_same, values

CASES = [("duckdb", 1), ("duckdb", 2), ("postgres", 3)]
SETTINGS = {"time_zone": oracle.ZONE, "week": oracle.WEEK, "holidays": oracle.HOLIDAYS}
KPIS = (
    "ticket_volume",
    "first_response_time",
    "resolution_time",
    "first_contact_resolution",
    "follow_ups_per_ticket",
)


@pytest.fixture(scope="module", params=CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def warehouse(request):
    kind, seed = request.param
    frames = oracle.random_tickets(seed)
    return canonical(kind, frames, today=oracle.TODAY, **SETTINGS), oracle.describe(frames)


def test_ticket_kpis_agree_with_the_oracle_in_every_world(warehouse):
    db, expected = warehouse
    found = values(db, KPIS, by="channel")
    assert set(found) == set(expected["world"])
    for world, rows in expected.groupby("world"):
        for kpi, value in oracle.kpis(rows).items():
            assert_same(found[world][kpi], value, f"{kpi} of {world}")


def test_ticket_kpis_agree_with_the_oracle_over_all(warehouse):
    db, expected = warehouse
    found = values(db, KPIS)[None]
    for kpi, value in oracle.kpis(expected).items():
        assert_same(found[kpi], value, kpi)


def test_the_backlog_and_the_usual_volume_agree_with_the_oracle_on_every_day(warehouse):
    db, expected = warehouse
    rows = db.fact("ticket_days", ["day_date", "ticket_id", "open_at_end", "usual_opened"])
    rows["day"] = [pd.Timestamp(day).date() for day in rows["day_date"]]
    first = min(day for day in expected["created"] if day is not None)
    days = [first + timedelta(days=n) for n in range((oracle.TODAY - first).days + 1)]
    found = rows.groupby("day")["open_at_end"].sum()
    assert {day: int(count) for day, count in found.items()} == {
        day: oracle.backlog(expected, day) for day in days
    }
    quiet = rows[rows["ticket_id"].isna()].set_index("day")["usual_opened"]
    assert list(quiet.sort_index().index) == days
    for day in days:
        before = [d for d in expected["created"] if d and 1 <= (day - d).days <= 28]
        assert float(quiet[day]) == pytest.approx(len(before) / 28)

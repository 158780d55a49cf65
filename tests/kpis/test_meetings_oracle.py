"""Qualified meetings against an implementation apart, on two engines."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from tests.oracles.meetings import ENTITIES, meeting_kpis, qualified_meetings, random_meetings
from tests.oracles.workbench import Workbench

KPI = "qualified_meetings"
SEEDS = {"duckdb": range(24), "postgres": range(100, 104)}


@pytest.fixture(scope="module", params=list(SEEDS))
def bench(request: pytest.FixtureRequest) -> Workbench:
    return Workbench(request.param, ENTITIES)


def test_every_meeting_equals_the_oracle_on_random_meetings(bench: Workbench) -> None:
    some = 0
    for seed in SEEDS[bench.db.engine.dialect]:
        frames = random_meetings(seed)
        bench.fill(frames)
        rows = bench.fact("activities")
        found = set(rows[rows["is_qualified_meeting"] == 1]["activity_id"])
        assert found == qualified_meetings(frames), seed
        some += 0 < len(found) < len(rows)
        for name, value in meeting_kpis(frames).items():
            assert bench.kpi(name) == value, (seed, name)
    assert some >= 2


DEAL = {"id": "o", "name": "O", "status": "lost", "primary_contact_id": "c",
        "created_at": pd.Timestamp("2026-05-10 15:00"),
        "closed_at": pd.Timestamp("2026-05-20 08:00")}  # fmt: skip
LEAD = {"id": "l", "status": "open", "sql_at": pd.Timestamp("2026-05-10 15:00"),
        "converted_contact_id": "d"}  # fmt: skip


def count(bench: Workbench, day: str, **more: Any) -> float | None:
    """Qualified meetings, of one held on a day."""
    held = {"id": "m", "activity_type": "meeting", "status": "completed",
            "occurred_at": pd.Timestamp(day)} | more  # fmt: skip
    bench.fill({
        "opportunity": pd.DataFrame([DEAL]), "lead": pd.DataFrame([LEAD]),
        "opportunity_contact": pd.DataFrame([
            {"id": "x", "opportunity_id": "o", "contact_id": who} for who in ("c", "e")
        ]),
        "activity": pd.DataFrame([held]),
    })  # fmt: skip
    return bench.kpi(KPI)


@pytest.mark.parametrize(
    ("day", "counts"), [("2026-05-09", 0), ("2026-05-10", 1), ("2026-05-20", 1), ("2026-05-21", 0)]
)
def test_a_deal_counts_from_the_day_it_was_made_to_the_day_it_was_closed(
    bench: Workbench, day: str, counts: int
) -> None:
    for who in ({"contact_id": "c"}, {"contact_id": "e"}, {"opportunity_id": "o"}):
        assert count(bench, day, **who) == counts, who


@pytest.mark.parametrize(("day", "counts"), [("2026-05-09", 0), ("2026-05-10", 1)])
def test_a_lead_counts_from_the_day_it_was_qualified(
    bench: Workbench, day: str, counts: int
) -> None:
    for who in ({"contact_id": "d"}, {"lead_id": "l"}):
        assert count(bench, day, **who) == counts, who


def test_a_meeting_that_fits_several_ways_counts_once(bench: Workbench) -> None:
    assert count(bench, "2026-05-15", contact_id="c", opportunity_id="o", lead_id="l") == 1


def test_planned_and_cancelled_meetings_calls_and_strangers_are_out(bench: Workbench) -> None:
    for more in (
        {"status": "open"}, {"status": "cancelled"}, {"activity_type": "call"},
        {"contact_id": "z"}, {"contact_id": None},
    ):  # fmt: skip
        assert count(bench, "2026-05-15", **{"contact_id": "c", **more}) == 0, more


def test_no_activities_are_no_meetings(bench: Workbench) -> None:
    bench.fill({})
    assert bench.kpi(KPI) == 0

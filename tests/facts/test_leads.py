"""The lists and dimensions of the lead facts."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from tests.oracles.workbench import Workbench

ENTITIES = ("user", "team", "campaign", "lead", "opportunity", "activity")
OLD, RECENT = pd.Timestamp("2026-01-12 10:00"), pd.Timestamp("2026-06-29 10:00")


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def bench(request: pytest.FixtureRequest) -> Workbench:
    return Workbench(request.param, ENTITIES)


def lead(key: str, status: str = "open", **columns: Any) -> dict[str, Any]:
    return {"id": key, "status": status, "created_at": OLD, **columns}


def facts(bench: Workbench, *leads: dict[str, Any], **frames: pd.DataFrame) -> pd.DataFrame:
    bench.fill({"lead": pd.DataFrame(list(leads)), **frames})
    return bench.fact("leads").set_index("lead_id")


def test_a_lead_without_source_owner_or_campaign_is_a_group_of_its_own(bench: Workbench) -> None:
    row = facts(bench, lead("l", owner_id="gone", campaign_id="gone")).loc["l"]
    for column in ("lead_source", "owner", "team", "campaign", "channel", "lead_name"):
        assert row[column] == "(none)", column


def test_a_young_cohort_is_marked_as_maturing(bench: Workbench) -> None:
    found = facts(
        bench, lead("old"), lead("young", created_at=RECENT), lead("undated", created_at=None)
    )
    assert dict(found["maturity"]) == {
        "old": "mature", "young": "maturing", "undated": "(unknown)"
    }  # fmt: skip


def test_stages_that_were_skipped_count_as_reached(bench: Workbench) -> None:
    found = facts(
        bench,
        lead("dated", mql_at=RECENT),
        lead("labelled", status="qualified"),
        lead("converted", status="converted"),
        lead("rejected", status="disqualified", mql_at=OLD),
        lead("plain"),
    )
    assert dict(found["is_qualified"]) == {
        "dated": 1, "labelled": 1, "converted": 1, "rejected": 1, "plain": 0
    }  # fmt: skip
    assert dict(found["is_sql"]) == {
        "dated": 0, "labelled": 0, "converted": 1, "rejected": 0, "plain": 0
    }  # fmt: skip


def test_every_open_lead_says_what_to_do_next(bench: Workbench) -> None:
    found = facts(
        bench,
        lead("late"),
        lead("hot", created_at=pd.Timestamp("2026-06-29 16:30"), mql_at=RECENT),
        lead("new", created_at=pd.Timestamp("2026-06-29 16:30")),
        lead("answered", first_response_at=RECENT, mql_at=RECENT),
        lead("gone", status="disqualified"),
    )
    assert dict(found["next_action"]) == {
        "late": "Answer now: the response SLA is missed",
        "hot": "Answer today: qualified",
        "new": "Make the first contact",
        "answered": "Open an opportunity or disqualify",
        "gone": "None",
    }
    assert list(found.index[found["is_overdue"] == 1]) == ["late"]


def test_a_response_before_the_lead_was_created_is_a_fault_and_not_a_time(
    bench: Workbench,
) -> None:
    row = facts(bench, lead("l", created_at=RECENT, first_response_at=OLD)).loc["l"]
    assert (row["is_response_fault"], row["is_answered"], row["is_sla_due"]) == (1, 1, 0)
    assert pd.isna(row["response_hours"])


def test_an_inbound_or_open_activity_is_no_answer(bench: Workbench) -> None:
    activities = pd.DataFrame([
        {"id": "in", "lead_id": "l", "activity_type": "call", "direction": "inbound",
         "status": "completed", "occurred_at": OLD + pd.Timedelta(hours=1)},
        {"id": "todo", "lead_id": "l", "activity_type": "call", "direction": "outbound",
         "status": "open", "occurred_at": OLD + pd.Timedelta(hours=2)},
        {"id": "done", "lead_id": "l", "activity_type": "call", "direction": "outbound",
         "status": "completed", "completed_at": OLD + pd.Timedelta(hours=3)},
    ])  # fmt: skip
    row = facts(bench, lead("l"), activity=activities).loc["l"]
    assert float(row["response_hours"]) == 3.0


def test_a_converted_lead_keeps_the_answer_that_moved_to_its_contact(bench: Workbench) -> None:
    activities = pd.DataFrame([
        {"id": "a", "contact_id": "c", "activity_type": "email", "direction": "outbound",
         "status": "completed", "occurred_at": OLD + pd.Timedelta(hours=hours)}
        for hours in (-5, 2)
    ])  # fmt: skip
    row = facts(
        bench, lead("l", status="converted", converted_contact_id="c"), activity=activities
    ).loc["l"]
    assert float(row["response_hours"]) == 2.0


def test_no_step_of_the_funnel_holds_more_leads_than_the_one_before(bench: Workbench) -> None:
    facts(
        bench,
        lead("plain"),
        lead("qualified", mql_at=RECENT),
        lead("accepted", mql_at=OLD, sql_at=RECENT),
        lead("won", status="converted", converted_opportunity_id="o"),
        opportunity=pd.DataFrame([{"id": "o", "status": "won", "created_at": RECENT}]),
    )
    reached = bench.fact("lead_steps").groupby("step")["is_reached"].sum()
    assert list(reached.sort_index()) == [4, 3, 2, 1, 1]

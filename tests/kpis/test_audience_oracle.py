"""Visits, forms and the email list against an implementation apart, on two engines."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from tests.oracles.audience import ENTITIES, audience_kpis, on_list, random_audience
from tests.oracles.workbench import Workbench

SEEDS = {"duckdb": range(14), "postgres": (100, 101, 102)}
KPIS = ("form_submissions", "lead_capture_rate", "email_list_growth_rate")


@pytest.fixture(scope="module", params=list(SEEDS))
def bench(request: pytest.FixtureRequest) -> Workbench:
    return Workbench(request.param, ENTITIES)


def test_every_kpi_equals_the_oracle_on_random_visitors_and_contacts(bench: Workbench) -> None:
    for seed in SEEDS[bench.db.engine.dialect]:
        frames = random_audience(seed)
        bench.fill(frames)
        for name, value in audience_kpis(frames).items():
            assert bench.kpi(name) == pytest.approx(value), (seed, name)
        since = date(2026, 3, 1)
        for name, value in audience_kpis(frames, since).items():
            column = "month_date" if name == "email_list_growth_rate" else "touch_date"
            found = bench.kpi(name, f"{column} >= date '{since}'")
            assert found == pytest.approx(value), (seed, name)


def touch(key: str, kind: str, day: str = "2026-05-01", lead: str | None = None) -> dict[str, Any]:
    return {"id": key, "touch_type": kind, "channel": "web", "lead_id": lead,
            "occurred_at": pd.Timestamp(day)}  # fmt: skip


def fill(bench: Workbench, *touches: dict[str, Any]) -> None:
    bench.fill({"touchpoint": pd.DataFrame(list(touches))})


def listed(bench: Workbench, people: dict[str, str], **left: str) -> dict[str, pd.DataFrame]:
    """Contacts by day of creation, and the days on which some unsubscribed."""
    frames = {
        "contact": pd.DataFrame([
            {"id": key, "email": f"{key}@x.io", "created_at": pd.Timestamp(day),
             "is_email_opt_out": False}
            for key, day in people.items()
        ]),
        "email_event": pd.DataFrame(
            [
                {"id": key, "contact_id": key, "event_type": "unsubscribe",
                 "occurred_at": pd.Timestamp(day)}
                for key, day in left.items()
            ],
            columns=["id", "contact_id", "event_type", "occurred_at"],
        ),
    }  # fmt: skip
    bench.fill(frames)
    return frames


def test_forty_captured_of_a_thousand_sessions_are_four_percent(bench: Workbench) -> None:
    visits = [touch(f"v{n}", "visit") for n in range(1000)]
    fill(bench, *visits, *[touch(f"f{n}", "form", lead=f"l{n}") for n in range(40)])
    assert bench.kpi("lead_capture_rate") == pytest.approx(0.04)


def test_no_sessions_give_no_rate_rather_than_zero(bench: Workbench) -> None:
    fill(bench, touch("f", "form", lead="l"))
    assert bench.kpi("lead_capture_rate") is None
    assert bench.kpi("form_submissions") == 1


def test_sessions_without_a_form_are_a_rate_of_zero(bench: Workbench) -> None:
    fill(bench, touch("v", "visit", lead="l"))
    assert bench.kpi("lead_capture_rate") == 0.0
    assert bench.kpi("form_submissions") == 0


def test_a_lead_is_captured_once_and_on_the_day_of_its_first_form(bench: Workbench) -> None:
    fill(
        bench,
        touch("v", "visit"), touch("w", "visit", "2026-06-01"),
        touch("a", "form", "2026-05-02", "l"), touch("b", "form", "2026-06-02", "l"),
        touch("c", "form", "2026-06-03"),  # of nobody known
    )  # fmt: skip
    assert bench.kpi("form_submissions") == 3
    assert bench.kpi("lead_capture_rate") == 0.5
    assert bench.kpi("lead_capture_rate", "touch_date >= date '2026-06-01'") == 0.0


def test_growth_is_who_came_less_who_left_over_the_list_at_the_start(bench: Workbench) -> None:
    old = {f"o{n}": "2026-01-10" for n in range(10)}
    new = {f"n{n}": "2026-05-10" for n in range(3)}
    listed(bench, old | new, o0="2026-05-20")
    assert bench.kpi("email_list_growth_rate", "month_date = date '2026-05-01'") == (3 - 1) / 10
    assert bench.kpi("email_list_growth_rate", "month_date = date '2026-06-01'") == 0.0


def test_a_month_that_began_with_an_empty_list_has_no_growth(bench: Workbench) -> None:
    listed(bench, {"a": "2026-06-02"})
    assert bench.kpi("email_list_growth_rate") is None
    listed(bench, {"a": "2026-05-02"})
    assert bench.kpi("email_list_growth_rate") == 0.0


def test_who_opted_out_on_an_unknown_day_was_never_counted(bench: Workbench) -> None:
    frames = listed(bench, {"a": "2026-04-02", "b": "2026-04-02", "c": "2026-06-02"})
    people = frames["contact"]
    people["is_email_opt_out"] = [False, True, None]
    bench.fill(frames)
    assert bench.kpi("email_list_growth_rate", "month_date = date '2026-06-01'") == 1.0
    assert len(on_list(frames)) == 2


def test_leaving_again_or_before_one_came_changes_nothing(bench: Workbench) -> None:
    frames = listed(bench, {"a": "2026-04-02", "b": "2026-05-02"}, a="2026-05-05", b="2026-04-01")
    again = pd.DataFrame([{"id": "z", "contact_id": "a", "event_type": "unsubscribe",
                           "occurred_at": pd.Timestamp("2026-06-05")}])  # fmt: skip
    bench.fill(frames | {"email_event": pd.concat([frames["email_event"], again])})
    assert bench.kpi("email_list_growth_rate", "month_date = date '2026-05-01'") == -1.0
    assert bench.kpi("email_list_growth_rate", "month_date = date '2026-06-01'") is None


def test_nothing_at_all_gives_nothing(bench: Workbench) -> None:
    bench.fill({})
    assert [bench.kpi(name) for name in KPIS] == [None, None, None]

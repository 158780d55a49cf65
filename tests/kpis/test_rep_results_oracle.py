"""The leaderboard of the reps against an implementation apart, on two engines."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from tests.oracles.rep_results import by_owner, rep_result_kpis
from tests.oracles.reports import report
from tests.oracles.sales_frames import ENTITIES, sales_frames
from tests.oracles.workbench import Workbench

KPI = "rep_leaderboard"
SEEDS = {"duckdb": range(12), "postgres": (100, 101, 102)}


@pytest.fixture(scope="module", params=list(SEEDS))
def bench(request: pytest.FixtureRequest) -> Workbench:
    return Workbench(request.param, ENTITIES)


def deal(key: str, status: str, amount: float | None = 100.0, **more: Any) -> dict[str, Any]:
    closed = None if status == "open" else pd.Timestamp("2026-06-10")
    return {
        "id": key, "name": key, "stage_id": "s", "status": status, "amount": amount,
        "owner_id": "u1", "created_at": pd.Timestamp("2026-05-01"), "closed_at": closed,
    } | more  # fmt: skip


def filled(bench: Workbench, deals: list[dict[str, Any]], *quotas: dict[str, Any]) -> None:
    bench.fill({
        "user": pd.DataFrame([{"id": "u1", "name": "Ada"}, {"id": "u2", "name": "Ben"}]),
        "stage": pd.DataFrame([
            {"id": "s", "pipeline_id": "p", "name": "Demo", "display_order": 1,
             "is_closed": False, "is_won": False, "is_active": True},
            {"id": "t", "pipeline_id": "p", "name": "Offer", "display_order": 2,
             "is_closed": False, "is_won": False, "is_active": True},
        ]),
        "pipeline": pd.DataFrame([{"id": "p", "name": "Direct"}]),
        "opportunity": pd.DataFrame(deals),
        "quota": pd.DataFrame(list(quotas)),
    })  # fmt: skip


def quota(owner: str, amount: float, month: int = 6) -> dict[str, Any]:
    start = pd.Timestamp(2026, month, 1)
    return {
        "id": f"{owner}{month}", "owner_id": owner, "measure": "bookings", "period_start": start,
        "period_end": start + pd.offsets.MonthEnd(), "target_amount": amount,
    }  # fmt: skip


def test_every_rep_equals_the_oracle_on_random_deals_and_quotas(bench: Workbench) -> None:
    for seed in SEEDS[bench.db.engine.dialect]:
        frames = sales_frames(seed)
        bench.fill(frames)
        found, expected = report(bench, KPI, by="owner"), by_owner(frames)
        assert set(found) == set(expected), seed
        for owner, row in expected.items():
            for name, value in row.items():
                assert found[owner][name] == pytest.approx(value), (seed, owner, name)
        for name, value in rep_result_kpis(frames).items():
            assert bench.kpi(name) == pytest.approx(value), (seed, name)


def test_won_and_attained_are_what_the_other_facts_say(bench: Workbench) -> None:
    for seed in (3, 7):
        bench.fill(sales_frames(seed))
        total = report(bench, KPI)["all"]
        assert total["rep_attainment"] == pytest.approx(bench.kpi("target_attainment")), seed
        assert total["rep_win_rate"] == pytest.approx(bench.kpi("win_rate")), seed
        assert total["rep_average_deal"] == pytest.approx(bench.kpi("average_deal_size")), seed
        assert total["rep_cycle"] == pytest.approx(bench.kpi("sales_cycle_length")), seed


def test_one_row_per_deal_beside_the_targets(bench: Workbench) -> None:
    frames = sales_frames(5)
    bench.fill(frames)
    rows = bench.fact("rep_results")
    assert (rows["stage"] != "(target)").sum() == len(frames["opportunity"]) > 0
    assert (rows["stage"] == "(target)").sum() == len(bench.fact("pipeline_periods")) > 0


def test_open_value_stands_by_stage_today_and_won_value_on_its_day(bench: Workbench) -> None:
    filled(bench, [
        deal("a", "open", 10.0), deal("b", "open", 20.0, stage_id="t"), deal("c", "open", 5.0),
        deal("w", "won", 100.0),
    ])  # fmt: skip
    stages = report(bench, KPI, by="stage", where="owner = 'Ada' and status = 'open'")
    assert {stage: row["rep_open_value"] for stage, row in stages.items()} == {
        "Demo": 15.0,
        "Offer": 20.0,
    }
    assert (
        report(bench, KPI, where="period_date = date '2026-06-30'")["all"]["rep_open_value"] == 35
    )
    on_the_day = report(bench, KPI, where="period_date = date '2026-06-10'")["all"]
    assert (on_the_day[KPI], on_the_day["rep_open_value"]) == (100.0, None)


def test_filters_by_status_currency_and_pipeline(bench: Workbench) -> None:
    filled(bench, [
        deal("a", "won", 10.0, currency="EUR"), deal("b", "won", 20.0, currency="USD"),
        deal("c", "lost", 5.0, currency="USD"), deal("d", "won", 40.0, stage_id="gone"),
    ], quota("u1", 100.0))  # fmt: skip
    assert report(bench, KPI, where="currency = 'USD'")["all"][KPI] == 20.0
    assert report(bench, KPI, where="pipeline = 'Direct'")["all"][KPI] == 30.0
    won = report(bench, KPI, where="status = 'won'")["all"]
    # a target knows no status, so there is no attainment rather than a wrong one
    assert (won[KPI], won["rep_win_rate"], won["rep_attainment"]) == (70.0, 1.0, None)


def test_a_rep_with_a_target_and_without_deals_is_on_the_board(bench: Workbench) -> None:
    filled(bench, [deal("a", "won", 150.0)], quota("u1", 100.0), quota("u2", 100.0))
    found = report(bench, KPI, by="owner")
    assert found["Ada"]["rep_attainment"] == 1.5
    assert (found["Ben"][KPI], found["Ben"]["rep_attainment"]) == (None, 0.0)
    assert (found["Ben"]["rep_win_rate"], found["Ben"]["rep_won_deals"]) == (None, 0.0)


def test_what_is_won_in_months_without_a_target_is_against_none(bench: Workbench) -> None:
    june, march = pd.Timestamp("2026-06-10"), pd.Timestamp("2026-03-10")
    deals = [deal("a", "won", 60.0, closed_at=june), deal("b", "won", 900.0, closed_at=march)]
    filled(bench, deals, quota("u1", 100.0))
    found = report(bench, KPI, by="owner")["Ada"]
    assert (found[KPI], found["rep_attainment"]) == (960.0, 0.6)


def test_a_won_deal_without_an_amount_counts_and_does_not_lower_the_average(
    bench: Workbench,
) -> None:
    filled(bench, [deal("a", "won", 80.0), deal("b", "won", None)])
    found = report(bench, KPI, by="owner")["Ada"]
    assert (found[KPI], found["rep_won_deals"], found["rep_average_deal"]) == (80.0, 2.0, 80.0)


def test_nothing_at_all_gives_nothing(bench: Workbench) -> None:
    bench.fill({})
    assert set(report(bench, KPI)["all"].values()) == {None}

"""Before and after a marked date, against each KPI asked by itself, on two engines."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from tests.oracles.crm_impact import (
    ENTITIES,
    compared,
    crm_impact,
    improvement,
    random_company,
    sides,
    windows,
)
from tests.oracles.workbench import Workbench
from tests.seeds import by_turns

KPI = "crm_impact"
#: engine, date of the change, seeds
EXAMPLES = [
    ("duckdb", "2025-10-15", (0, 1, 2)),
    ("duckdb", "2026-01-01", (3, 4, 5)),
    ("postgres", "2025-10-15", (100, 101)),
]


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda given: " ".join(given[:2]))
def example(request: pytest.FixtureRequest) -> tuple[Workbench, date, tuple[int, ...]]:
    engine, day, seeds = request.param
    bench = Workbench(engine, ENTITIES, crm_change_date=day)
    return bench, date.fromisoformat(day), seeds


@by_turns(3)
def test_both_sides_of_every_kpi_are_the_kpi_asked_for_its_window(
    example: tuple[Workbench, date, tuple[int, ...]],
) -> None:
    bench, day, seeds = example
    known = set()
    for seed in seeds:
        bench.fill(random_company(seed))
        catalog = bench.db.compiler.catalog
        found = {row["kpi_id"]: row for row in bench.fact("crm_impacts").to_dict("records")}
        expected = sides(catalog, bench.kpi, day)
        assert set(found) <= set(expected), seed
        for name, (before, after) in expected.items():
            row = found.get(name, {"before_value": None, "after_value": None, "improvement": None})
            better = improvement(catalog.kpis[name].meta.good, before, after)
            assert maybe(row["before_value"]) == near(before), (seed, name)
            assert maybe(row["after_value"]) == near(after), (seed, name)
            assert maybe(row["improvement"]) == near(better), (seed, name)
            if better is not None:
                known.add(name)
        value = crm_impact(catalog, bench.kpi, day)
        assert bench.kpi(KPI) == near(value), seed
        one = improvement("up", *expected["win_rate"])
        assert bench.kpi(KPI, "kpi_id = 'win_rate'") == near(None if one is None else 100 * one), (
            seed
        )
    assert {"win_rate", "sales_cycle_length", "mrr", "expansion_revenue"} <= known


def test_the_month_of_the_change_counts_on_neither_side() -> None:
    before, after = windows(date(2025, 10, 15))
    assert (str(before[0]), str(before[-1])) == ("2025-04", "2025-09")
    assert (str(after[0]), str(after[-1])) == ("2025-11", "2026-04")


def test_a_change_on_the_first_day_counts_its_month_and_the_running_month_does_not() -> None:
    before, after = windows(date(2026, 1, 1))
    assert str(before[-1]) == "2025-12"
    assert [str(month) for month in after] == [f"2026-0{month}" for month in range(1, 6)]


def deals(*won: tuple[str, float]) -> dict[str, pd.DataFrame]:
    rows: list[dict[str, Any]] = [
        {"id": str(n), "name": str(n), "stage_id": "s", "status": "won", "amount": amount,
         "closed_at": pd.Timestamp(day), "created_at": pd.Timestamp(day)}
        for n, (day, amount) in enumerate(won)
    ]  # fmt: skip
    return {"opportunity": pd.DataFrame(rows)}


def of(bench: Workbench, kpi: str) -> float | None:
    return bench.kpi(KPI, f"kpi_id = '{kpi}'")


def test_flows_add_up_over_the_window_and_levels_are_taken_at_its_end() -> None:
    bench = Workbench("duckdb", ENTITIES, crm_change_date="2025-10-15")
    moved = [
        ("2025-01-01", 100.0), ("2025-05-03", 10.0), ("2025-09-03", 10.0),  # +20, to 120
        ("2025-10-20", 500.0),  # in the month of the change
        ("2025-12-03", 20.0), ("2026-04-03", 10.0), ("2026-05-03", 900.0),  # +30, to 650
    ]  # fmt: skip
    bench.fill({
        "account": pd.DataFrame([{"id": "a", "name": "A"}]),
        "mrr_movement": pd.DataFrame([
            {"id": str(n), "account_id": "a", "movement_type": "expansion", "mrr_change": change,
             "movement_date": date.fromisoformat(day)}
            for n, (day, change) in enumerate(moved)
        ]),
    })  # fmt: skip
    rows = bench.fact("crm_impacts").set_index("kpi_id").astype(object)
    assert list(rows.loc["mrr", ["before_value", "after_value"]].astype(float)) == [120, 650]
    assert list(rows.loc["expansion_revenue", ["before_value", "after_value"]].astype(float)) == [
        20, 30,
    ]  # fmt: skip
    assert of(bench, "expansion_revenue") == pytest.approx(50)


def test_a_fall_is_an_improvement_where_lower_is_better_and_one_side_alone_is_none() -> None:
    bench = Workbench("duckdb", ENTITIES, crm_change_date="2025-10-15")
    lost = deals(("2025-06-01", 1.0), ("2025-06-02", 1.0), ("2026-02-01", 1.0))
    lost["opportunity"]["status"] = "lost"
    bench.fill(lost)
    assert of(bench, "lost_deals") == pytest.approx(50)
    assert of(bench, "win_rate") is None, "nothing won before: no share of nothing"
    bench.fill(deals(("2025-06-01", 100.0), ("2025-10-20", 7.0)))
    assert of(bench, "average_deal_size") is None, "no value after"
    bench.fill(deals(("2025-06-01", 100.0), ("2026-02-01", 130.0)))
    assert of(bench, "average_deal_size") == pytest.approx(30)


def test_without_a_date_or_without_data_or_before_a_month_is_over_there_is_no_value() -> None:
    won = deals(("2025-06-01", 100.0), ("2025-12-01", 100.0), ("2026-02-01", 130.0))
    unmarked = Workbench("duckdb", ENTITIES)
    unmarked.fill(won)
    assert unmarked.kpi(KPI) is None
    assert len(unmarked.fact("crm_impacts")) == 0
    recent = Workbench("duckdb", ENTITIES, crm_change_date="2026-06-10")
    recent.fill(won)
    assert recent.kpi(KPI) is None
    recent.fill({})
    assert recent.kpi(KPI) is None


def test_only_kpis_that_report_by_month_are_compared() -> None:
    bench = Workbench("duckdb", ())
    names = set(compared(bench.db.compiler.catalog))
    assert {"win_rate", "mrr", "nps"} <= names
    assert not names & {KPI, "leads_created", "data_completeness", "revenue_at_risk"}


def maybe(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def near(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, rel=1e-9, abs=1e-9)

"""Pipeline, target, forecast, revenue and activity KPIs against an implementation apart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd
import pytest

from tests.oracles.pipeline import (
    activity_kpis,
    forecast_kpis,
    growth,
    stood_at,
    target_kpis,
    velocity,
)
from tests.oracles.sales_bench import EXAMPLES, SalesBench, sales_bench

Example = tuple[SalesBench, Mapping[str, pd.DataFrame]]


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda example: f"{example[0]}-{example[1]}")
def example(request: pytest.FixtureRequest) -> Example:
    kind, seed = request.param
    bench = sales_bench(kind)
    return bench, bench.example(seed)


@pytest.fixture(params=["duckdb", "postgres"])
def bench(request: pytest.FixtureRequest) -> SalesBench:
    return sales_bench(request.param)


def test_coverage_and_attainment_equal_the_oracle_on_random_quotas(example: Example) -> None:
    bench, frames = example
    assert bench.kpis("pipeline_periods") == pytest.approx(target_kpis(frames))


def test_forecast_and_its_accuracy_equal_the_oracle(example: Example) -> None:
    bench, frames = example
    got, expected = bench.kpis("forecasts"), forecast_kpis(frames)
    assert (got["forecast_amount"] or 0.0) == pytest.approx(expected["forecast_amount"])
    assert got["forecast_accuracy"] == pytest.approx(expected["forecast_accuracy"])
    fact = bench.fact("forecasts")
    assert fact["absolute_error"].astype(float).sum() == pytest.approx(expected["missed"])
    assert fact["measured_actual"].astype(float).sum() == pytest.approx(expected["sold"])


def test_the_pipeline_of_a_past_month_is_told_by_history(example: Example) -> None:
    bench, frames = example
    for month, last in (("2025-09-01", date(2025, 9, 30)), ("2026-02-01", date(2026, 2, 28))):
        where = f"month_start = date '{month}'"
        expected = sum(deal["amount"] or 0.0 for deal in stood_at(frames, last))
        got = bench.kpis("pipeline_months", where)["pipeline_value"]
        assert (got or 0.0) == pytest.approx(expected), month


def test_velocity_and_growth_equal_the_oracle(example: Example) -> None:
    bench, frames = example
    now = bench.kpis("revenue_months", "month_start = date '2026-06-01'")
    year = bench.kpis("revenue_months", "month_start >= date '2025-07-01'")
    assert now["pipeline_velocity"] == pytest.approx(velocity(frames))
    assert year["revenue_growth_rate"] == pytest.approx(growth(frames))


def test_activity_kpis_equal_the_oracle(example: Example) -> None:
    bench, frames = example
    got = bench.kpis("activities")
    for name, expected in activity_kpis(frames).items():
        assert got[name] == pytest.approx(expected), name


def test_nothing_at_all_gives_no_rate_and_no_error(bench: SalesBench) -> None:
    bench.filled({})
    for fact in ("pipeline_periods", "forecasts", "pipeline_months", "revenue_months"):
        assert set(bench.kpis(fact).values()) == {None}, fact
    assert bench.kpis("activities")["overdue_tasks"] == 0


def test_a_target_that_is_met_gives_no_coverage_and_says_met(bench: SalesBench) -> None:
    bench.filled({
        "opportunity": pd.DataFrame([
            {"id": "w", "name": "W", "stage_id": "s", "status": "won", "amount": 120.0,
             "closed_at": pd.Timestamp("2026-06-02")},
            {"id": "o", "name": "O", "stage_id": "s", "status": "open", "amount": 50.0,
             "expected_close_date": pd.Timestamp("2026-06-20")},
        ]),
        "quota": pd.DataFrame([
            {"id": "q", "period_start": pd.Timestamp("2026-06-01"), "measure": "bookings",
             "period_end": pd.Timestamp("2026-06-30"), "target_amount": 100.0},
        ]),
    })  # fmt: skip
    assert bench.kpis("pipeline_periods")["pipeline_coverage"] is None
    assert bench.kpis("pipeline_periods")["target_attainment"] == pytest.approx(1.2)
    assert list(bench.fact("pipeline_periods")["target_status"]) == ["met"]

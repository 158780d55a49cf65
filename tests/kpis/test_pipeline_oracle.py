"""Pipeline, target, forecast, revenue and activity KPIs against an implementation apart."""

from __future__ import annotations

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
from tests.oracles.sales_bench import SalesBench
from tests.oracles.sales_frames import sales_frames

SEEDS = {"duckdb": range(12), "postgres": range(100, 103)}


@pytest.fixture(scope="module", params=list(SEEDS))
def bench(request: pytest.FixtureRequest) -> SalesBench:
    return SalesBench(request.param)


def test_coverage_and_attainment_equal_the_oracle_on_random_quotas(bench: SalesBench) -> None:
    for seed in SEEDS[bench.kind]:
        frames = bench.filled(sales_frames(seed))
        for name, expected in target_kpis(frames).items():
            assert bench.kpis("pipeline_periods")[name] == pytest.approx(expected), (seed, name)


def test_forecast_and_its_accuracy_equal_the_oracle(bench: SalesBench) -> None:
    for seed in SEEDS[bench.kind]:
        frames = bench.filled(sales_frames(seed))
        got = bench.kpis("forecasts")
        for name, expected in forecast_kpis(frames).items():
            assert (got[name] or 0.0) == pytest.approx(expected or 0.0), (seed, name)


def test_the_pipeline_of_a_past_month_is_told_by_history(bench: SalesBench) -> None:
    for seed in SEEDS[bench.kind]:
        frames = bench.filled(sales_frames(seed))
        for month, last in (("2025-09-01", date(2025, 9, 30)), ("2026-02-01", date(2026, 2, 28))):
            where = f"month_start = date '{month}'"
            expected = sum(deal["amount"] or 0.0 for deal in stood_at(frames, last))
            got = bench.kpis("pipeline_months", where)["pipeline_value"]
            assert (got or 0.0) == pytest.approx(expected), (seed, month)


def test_velocity_and_growth_equal_the_oracle(bench: SalesBench) -> None:
    for seed in SEEDS[bench.kind]:
        frames = bench.filled(sales_frames(seed))
        now = bench.kpis("revenue_months", "month_start = date '2026-06-01'")
        year = bench.kpis("revenue_months", "month_start >= date '2025-07-01'")
        assert now["pipeline_velocity"] == pytest.approx(velocity(frames)), seed
        assert year["revenue_growth_rate"] == pytest.approx(growth(frames)), seed


def test_activity_kpis_equal_the_oracle(bench: SalesBench) -> None:
    for seed in SEEDS[bench.kind]:
        frames = bench.filled(sales_frames(seed))
        got = bench.kpis("activities")
        for name, expected in activity_kpis(frames).items():
            assert got[name] == pytest.approx(expected), (seed, name)


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

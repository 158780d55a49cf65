"""Sales KPIs against an implementation apart, on random deals, on two engines."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from tests.oracles.sales import deal_kpis, deal_rows, mean, ratio, stage_rows
from tests.oracles.sales_bench import EXAMPLES, SalesBench, sales_bench
from tests.oracles.sales_frames import sales_frames

Example = tuple[SalesBench, Mapping[str, pd.DataFrame]]


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda example: f"{example[0]}-{example[1]}")
def example(request: pytest.FixtureRequest) -> Example:
    kind, seed = request.param
    bench = sales_bench(kind)
    return bench, bench.example(seed)


@pytest.fixture(params=["duckdb", "postgres"])
def bench(request: pytest.FixtureRequest) -> SalesBench:
    return sales_bench(request.param)


def test_every_kpi_of_deals_equals_the_oracle_on_random_deals(example: Example) -> None:
    bench, frames = example
    got = bench.kpis("opportunities")
    for name, expected in deal_kpis(deal_rows(frames)).items():
        assert got[name] == pytest.approx(expected), name


def test_stage_conversion_and_duration_equal_the_oracle_per_stage(example: Example) -> None:
    bench, frames = example
    rows = stage_rows(frames)
    got = bench.kpis_by("opportunity_stages", "stage_id")
    assert set(got) == {row["stage_id"] for row in rows}
    for stage, values in got.items():
        own = [row for row in rows if row["stage_id"] == stage]
        days = [row["days_in_stage"] for row in own if row["days_in_stage"] is not None]
        rate = ratio(sum(r["is_advanced"] for r in own), sum(r["is_mature"] for r in own))
        assert values["stage_conversion"] == pytest.approx(rate), stage
        assert values["stage_duration"] == pytest.approx(mean(days)), stage


def test_every_row_of_the_path_equals_the_oracle(example: Example) -> None:
    bench, frames = example
    columns = ["opportunity_id", "stage_id", "entered_date", "days_in_stage", "is_advanced",
               "is_in_progress", "is_mature", "is_skipped"]  # fmt: skip
    expected = pd.DataFrame(stage_rows(frames), columns=columns)
    assert plain(bench.fact("opportunity_stages"), columns) == plain(expected, columns)


def test_win_rate_stays_right_under_a_filter_by_owner(bench: SalesBench) -> None:
    frames = bench.filled(sales_frames(7, deals=60))
    for owner, got in bench.kpis_by("opportunities", "owner").items():
        deals = [deal for deal in deal_rows(frames) if deal["owner"] == owner]
        for name in ("win_rate", "average_deal_size", "next_step_coverage"):
            assert got[name] == pytest.approx(deal_kpis(deals)[name]), (owner, name)


def test_one_row_per_opportunity_whatever_is_joined(bench: SalesBench) -> None:
    for seed in (3, 4):
        bench.filled(sales_frames(seed, deals=30))
        facts = bench.fact("opportunities")
        assert len(facts) == 30, seed
        assert facts["opportunity_id"].nunique() == 30, seed


def test_without_deals_rates_have_no_value_and_counts_are_zero(bench: SalesBench) -> None:
    bench.filled({})
    got = bench.kpis("opportunities")
    for name, expected in deal_kpis([]).items():
        assert got[name] == expected, name
    assert bench.kpis("opportunity_stages") == {"stage_conversion": None, "stage_duration": None}


def plain(frame: pd.DataFrame, columns: list[str]) -> list[tuple[Any, ...]]:
    """Rows as comparable tuples, dates as text, numbers rounded, sorted."""

    def value(cell: Any) -> Any:
        if cell is None or cell is pd.NaT or (isinstance(cell, float) and math.isnan(cell)):
            return "none"
        if hasattr(cell, "isoformat"):
            return cell.isoformat()[:10]
        return cell if isinstance(cell, str) else round(float(cell), 6)

    return sorted(tuple(value(cell) for cell in row) for row in frame[columns].to_numpy())

"""Recency, frequency and value of customers against an implementation apart, on two engines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from tests.oracles.customer_values import SEGMENTS, customer_value_kpis, customers, random_buyers
from tests.oracles.reports import report
from tests.oracles.workbench import TODAY, Workbench

KPI = "customer_segments"
ENTITIES = ("user", "team", "account", "invoice", "opportunity")
SEEDS = {"duckdb": range(12), "postgres": range(100, 104)}


@pytest.fixture(scope="module", params=list(SEEDS))
def bench(request: pytest.FixtureRequest) -> Workbench:
    return Workbench(request.param, ENTITIES)


def orders(*bought: tuple[str, int, float | None]) -> dict[str, pd.DataFrame]:
    """Orders as (account, days ago, amount)."""
    accounts = sorted({account for account, _, _ in bought})
    return {
        "account": pd.DataFrame([{"id": a, "name": a, "segment": a[0]} for a in accounts]),
        "invoice": pd.DataFrame([
            {"id": f"i{i}", "account_id": account, "document_type": "order", "status": "paid",
             "issued_date": TODAY - timedelta(days=age), "total_amount": amount}
            for i, (account, age, amount) in enumerate(bought)
        ]),
    }  # fmt: skip


def scores(bench: Workbench) -> dict[str, tuple[Any, ...]]:
    """Account -> recency, frequency and value score and segment."""
    frame = bench.fact("customer_values")
    return {
        row["account_id"]: (
            int(row["recency_score"]),
            int(row["frequency_score"]),
            None if pd.isna(row["value_score"]) else int(row["value_score"]),
            row["behaviour"],
        )
        for row in frame.to_dict("records")
    }


def test_every_customer_equals_the_oracle_on_random_purchases(bench: Workbench) -> None:
    for seed in SEEDS[bench.db.engine.dialect]:
        frames = random_buyers(seed)
        bench.fill(frames)
        expected = customers(frames)
        rows = bench.fact("customer_values").set_index("account_id")
        assert set(rows.index) == set(expected), seed
        assert scores(bench) == {
            account: (one["r"], one["f"], one["v"], one["segment"])
            for account, one in expected.items()
        }, seed
        for account, one in expected.items():
            row = rows.loc[account]
            assert int(row["recency_days"]) == one["recency"], seed
            assert int(row["purchase_count"]) == one["frequency"], seed
            value = None if pd.isna(row["purchase_amount"]) else float(row["purchase_amount"])
            assert value == pytest.approx(one["value"]), (seed, account)
        for name, value in customer_value_kpis(frames).items():
            assert bench.kpi(name) == pytest.approx(value), (seed, name)


def test_five_different_customers_have_five_scores(bench: Workbench) -> None:
    bought = [(f"c{rank}", 100 - rank, 10.0 * rank) for rank in range(1, 6) for _ in range(rank)]
    bench.fill(orders(*bought))
    assert [scores(bench)[f"c{rank}"][:3] for rank in range(1, 6)] == [
        (rank, rank, rank) for rank in range(1, 6)
    ]


@pytest.mark.parametrize(
    ("count", "expected"), [(1, [3]), (2, [2, 4]), (3, [1, 3, 5]), (4, [1, 2, 4, 5])]
)
def test_fewer_than_five_customers_are_spread_evenly(
    bench: Workbench, count: int, expected: list[int]
) -> None:
    bench.fill(orders(*[(f"c{i}", 50 - i, 5.0) for i in range(count)]))
    assert [scores(bench)[f"c{i}"][0] for i in range(count)] == expected
    assert {found[1] for found in scores(bench).values()} == {3}


def test_equal_values_have_equal_scores_even_when_summed_in_another_order(
    bench: Workbench,
) -> None:
    bench.fill(orders(
        ("a", 9, 0.1), ("a", 8, 0.2), ("a", 7, 0.3), ("b", 7, 0.3), ("b", 8, 0.2), ("b", 9, 0.1),
    ))  # fmt: skip
    found = scores(bench)
    assert found["a"] == found["b"] == (3, 3, 3, "needs attention")


def test_every_pair_of_recency_and_frequency_has_the_segment_of_the_table(bench: Workbench) -> None:
    bought = []
    for r in range(5):
        for f in range(5):
            ages = [60 - 10 * r] + [300] * (2 * f)
            bought += [(f"c{r}{f}", age, 1.0) for age in ages]
    bench.fill(orders(*bought))
    found = scores(bench)
    for r in range(5):
        for f in range(5):
            assert found[f"c{r}{f}"][0:2] == (r + 1, f + 1)
            assert found[f"c{r}{f}"][3] == SEGMENTS[r + 1][f]
    assert bench.kpi(KPI) == pytest.approx(6 / 25)
    rows = report(bench, KPI, by="behaviour")
    assert sum(row["behaviour_customers"] or 0 for row in rows.values()) == 25
    assert set(rows) == {name for five in SEGMENTS.values() for name in five}
    assert rows["loyal"][KPI] == 1.0


def test_old_purchases_keep_a_customer_but_give_no_frequency_or_value(bench: Workbench) -> None:
    bench.fill(orders(("old", 365, 500.0), ("new", 364, 20.0)))
    rows = bench.fact("customer_values").set_index("account_id")
    assert list(rows.loc[["old", "new"], "purchase_count"]) == [0, 1]
    assert list(rows.loc[["old", "new"], "purchase_amount"].astype(float)) == [0.0, 20.0]


def test_unknown_prices_give_no_value_score_but_a_segment(bench: Workbench) -> None:
    bench.fill(orders(("a", 5, None), ("b", 5, 30.0), ("b", 5, None)))
    assert scores(bench)["a"] == (3, 2, None, "about to sleep")
    assert scores(bench)["b"] == (3, 4, 3, "loyal")
    assert report(bench, KPI)["all"]["behaviour_customer_value"] == 30.0


def test_scores_are_against_all_customers_whatever_the_filter(bench: Workbench) -> None:
    bought = [
        (f"{'xy'[rank % 2]}{rank}", 100 - rank, 1.0) for rank in range(10) for _ in range(rank + 1)
    ]
    bench.fill(orders(*bought))
    assert bench.kpi(KPI) == pytest.approx(0.4)
    assert bench.kpi(KPI, "segment = 'x'") == pytest.approx(0.4)
    assert bench.kpi(KPI, "account_name = 'y9'") == 1.0


def test_nobody_bought_gives_no_share(bench: Workbench) -> None:
    bench.fill({"account": pd.DataFrame([{"id": "a", "name": "A"}])})
    assert bench.kpi(KPI) is None
    bench.fill(orders(("later", -1, 10.0)))
    assert bench.kpi(KPI) is None

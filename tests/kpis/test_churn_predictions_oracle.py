"""Churn probabilities against a count of customers, and what they promise, on two engines."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from tests.oracles.churn_predictions import (
    churn_predictions,
    churn_risk,
    expected_churned_mrr,
    month_start,
    random_customers,
)
from tests.oracles.predictions import prediction_kpis
from tests.oracles.workbench import Workbench

ENTITIES = ("user", "team", "account", "subscription", "mrr_movement")
SEEDS = {"duckdb": range(5), "postgres": range(100, 102)}
LEAST = 12


@pytest.fixture(scope="module", params=list(SEEDS))
def bench(request: pytest.FixtureRequest) -> Workbench:
    return Workbench(request.param, ENTITIES, churn_min_cases=LEAST)


@pytest.fixture(scope="module", params=list(SEEDS))
def strict(request: pytest.FixtureRequest) -> Workbench:
    """With the default of 60 customer months."""
    return Workbench(request.param, ENTITIES)


def test_every_probability_and_the_kpi_equal_the_oracle_on_random_customers(
    bench: Workbench,
) -> None:
    seen: set[tuple[str, str, str]] = set()
    for seed in SEEDS[bench.db.engine.dialect]:
        frames = random_customers(seed)
        bench.fill(frames)
        expected = churn_predictions(frames, LEAST)
        found = bench.fact("churn_predictions")
        assert len(found) == len(expected), seed
        days = pd.to_datetime(found["snapshot_date"]).dt.date
        found = found.assign(day=days).set_index(["account_id", "day", "is_history"])
        for wanted in expected:
            key = (wanted["account"], month_start(wanted), int(wanted["churned"] is not None))
            row = found.loc[key]
            assert maybe(row["predicted_rate"]) == pytest.approx(wanted["rate"]), (seed, key)
            assert maybe(row["cases"]) == wanted["cases"], (seed, key)
            for name in ("segment", "tenure", "trend"):
                assert row[name] == wanted[name], (seed, key)
            assert float(row["mrr"]) == pytest.approx(wanted["mrr"]), (seed, key)
            outcome = {None: "open", True: "lost", False: "kept"}[wanted["churned"]]
            assert row["outcome"] == outcome, (seed, key)
            seen.add((str(row["basis"]), str(row["tenure"]), outcome))
        value = churn_risk(expected)
        assert bench.kpi("churn_risk") == pytest.approx(value), seed
        assert prediction_kpis(frames, churn_cases=LEAST)["churn_risk"] == pytest.approx(value), (
            seed
        )
        lost = expected_churned_mrr(expected)
        assert measure(bench, "expected_churned_mrr") == pytest.approx(lost), seed
        tested = [r for r in expected if r["churned"] is not None and r["rate"] is not None]
        assert measure(bench, "tested_months") == len(tested), seed
        if tested:
            mean = sum(r["rate"] for r in tested) / len(tested)
            actual = sum(r["churned"] for r in tested) / len(tested)
            assert measure(bench, "predicted_mean") == pytest.approx(mean), seed
            assert measure(bench, "actual_rate") == pytest.approx(actual), seed
    assert {basis for basis, _, _ in seen} == {
        "segment, tenure and trend", "segment and tenure", "segment", "(none)"
    }  # fmt: skip
    assert len(seen) > 12


def test_current_customers_of_a_kind_have_the_rate_of_their_past_months(bench: Workbench) -> None:
    # 20 customers since 2025-09-01, of whom 4 left on 2026-03-15
    frames = customers(
        *[(date(2025, 9, 1), date(2026, 3, 15) if n < 4 else None) for n in range(20)]
    )
    bench.fill(frames)
    # snapshots October to March; those of January, February and March see the loss
    rate = 4 * 3 / (20 * 6)
    assert bench.kpi("churn_risk") == pytest.approx(rate)
    assert measure(bench, "expected_churned_mrr") == pytest.approx(16 * 100 * rate)
    assert measure(bench, "expected_churned_customers") == pytest.approx(16 * rate)
    today = bench.fact("churn_predictions").query("is_current == 1")
    assert len(today) == 16
    assert set(today["reasons"]) == {
        "segment SMB 10 % of 120; first year 10 % of 120; MRR not shrunk 10 % of 120"
    }
    assert set(today["calibration_band"]) == {"10-20 %"}


def test_a_customer_is_left_out_of_the_rates_of_its_own_past(bench: Workbench) -> None:
    bench.fill(customers((date(2026, 1, 1), date(2026, 3, 2)), *[(date(2026, 1, 1), None)] * 9))
    past = bench.fact("churn_predictions").query("is_history == 1").set_index("account_id")
    assert set(past.loc["0", "predicted_rate"].astype(float)) == {0.0}
    # February and March: lost both times by the one that left, kept by the eight others
    assert set(past.loc["1", "predicted_rate"].astype(float)) == {2 / (2 + 8 * 2)}


def test_who_is_back_at_the_end_of_the_third_month_was_not_lost(bench: Workbench) -> None:
    frames = customers(*[(date(2026, 1, 1), None)] * 5)
    gone = frames["subscription"].loc[0].to_dict() | {"ended_at": date(2026, 2, 10)}
    for back, lost in ((date(2026, 4, 30), 1), (date(2026, 5, 1), 2)):
        again = gone | {"id": "again", "start_date": back, "ended_at": None}
        rest = frames["subscription"].iloc[1:].to_dict("records")
        bench.fill(frames | {"subscription": pd.DataFrame([gone, again, *rest])})
        own = bench.fact("churn_snapshots").query("account_id == '0' and is_history == 1")
        days = [str(day)[:10] for day in sorted(own["snapshot_date"])]
        # not a customer at the start of March and April
        assert days == ["2026-02-01"]
        # at the end of April the one that came back on 1 May had left
        assert int(own["is_churned"].sum()) == lost - 1


def test_the_first_year_ends_twelve_months_after_the_first_month(bench: Workbench) -> None:
    bench.fill(customers((date(2024, 12, 20), None)))
    found = bench.fact("churn_snapshots").query("is_history == 1")
    tenure = dict(zip(found["snapshot_date"].astype(str).str[:10], found["tenure"], strict=True))
    assert tenure["2025-12-01"] == "first year"
    assert tenure["2026-01-01"] == "later"
    assert min(tenure) == "2025-01-01"
    assert max(tenure) == "2026-03-01"  # three months from April end with the running one


def test_mrr_that_shrank_marks_the_three_months_after(bench: Workbench) -> None:
    frames = customers((date(2025, 1, 1), None), (date(2025, 1, 1), None))
    small = {"id": "part", "account_id": "0", "status": "active", "mrr": 50.0,
             "start_date": date(2025, 1, 1), "ended_at": date(2025, 6, 10)}  # fmt: skip
    rows = [*frames["subscription"].to_dict("records"), small]
    bench.fill(frames | {"subscription": pd.DataFrame(rows)})
    found = bench.fact("churn_snapshots").query("trend == 'shrunk'")
    assert set(found["account_id"]) == {"0"}
    assert sorted(found["snapshot_date"].astype(str).str[:10]) == [
        "2025-07-01", "2025-08-01", "2025-09-01",
    ]  # fmt: skip


def test_sixty_customer_months_are_enough(strict: Workbench) -> None:
    # snapshots of January, February and March
    for count, value in ((19, None), (20, 0.0)):
        strict.fill(customers(*[(date(2025, 12, 1), None)] * count))
        assert strict.kpi("churn_risk") == value
        found = strict.fact("churn_predictions").query("is_current == 1")
        assert set(found["reasons"] == "too little history") == {value is None}
        assert measure(strict, "unpredicted_customers") == (count if value is None else 0)
        assert measure(strict, "tested_months") == 0  # 57 without a customer's own three


def test_without_customers_there_is_no_risk_not_zero(bench: Workbench) -> None:
    bench.fill({})
    assert bench.kpi("churn_risk") is None
    assert prediction_kpis({})["churn_risk"] is None
    for name in ("expected_churned_mrr", "predicted_mean", "actual_rate"):
        assert measure(bench, name) is None, name
    bench.fill(customers(*[(date(2025, 1, 1), date(2025, 6, 1))] * 9))
    assert bench.kpi("churn_risk") is None  # a history, but nobody is left


def test_who_came_after_the_last_snapshot_has_a_risk_but_no_past(bench: Workbench) -> None:
    bench.fill(customers(*[(date(2025, 10, 1), None)] * 5, (date(2026, 6, 29), None)))
    own = bench.fact("churn_predictions").query("account_id == '5'")
    assert list(own["snapshot"]) == ["today"]
    assert float(own["predicted_rate"].iloc[0]) == 0.0


def customers(*spans: tuple[date, date | None]) -> dict[str, pd.DataFrame]:
    """SMB accounts with a subscription of 100 from the first to before the second day."""
    return {
        "account": pd.DataFrame([
            {"id": str(n), "name": f"Account {n}", "segment": "SMB"} for n in range(len(spans))
        ]),
        "subscription": pd.DataFrame([
            {"id": f"s{n}", "account_id": str(n), "status": "active", "mrr": 100.0,
             "start_date": start, "ended_at": end}
            for n, (start, end) in enumerate(spans)
        ]),
    }  # fmt: skip


def measure(bench: Workbench, name: str) -> float | None:
    """A measure of the fact over all its rows."""
    compiler = bench.db.compiler
    sql = compiler.measure(
        "churn_predictions", compiler.catalog.facts["churn_predictions"].meta.measures[name].sql
    )
    bench.kpi("churn_risk")
    table = f"{bench.db.engine.schema}.fact_churn_predictions"
    return maybe(bench.db.sql(f"select {sql} as value from {table}")["value"].iloc[0])


def maybe(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)

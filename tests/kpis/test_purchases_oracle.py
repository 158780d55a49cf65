"""Repeat purchases against an implementation apart, on two engines."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from tests.oracles.customer_values import random_buyers
from tests.oracles.purchases import purchases, repeat_purchase_rate
from tests.oracles.workbench import Workbench

KPI = "repeat_purchase_rate"
ENTITIES = ("user", "team", "account", "invoice", "opportunity")
SEEDS = {"duckdb": range(12), "postgres": (107, 108, 109)}


@pytest.fixture(scope="module", params=list(SEEDS))
def bench(request: pytest.FixtureRequest) -> Workbench:
    return Workbench(request.param, ENTITIES)


def test_the_rate_and_every_purchase_equal_the_oracle_on_random_buyers(bench: Workbench) -> None:
    for seed in SEEDS[bench.db.engine.dialect]:
        frames = random_buyers(seed)
        bench.fill(frames)
        assert bench.kpi(KPI) == pytest.approx(repeat_purchase_rate(frames)), seed
        since = date(2025, 12, 1)
        found = bench.kpi(KPI, f"purchase_date >= date '{since}'")
        assert found == pytest.approx(repeat_purchase_rate(frames, since)), seed
        rows = bench.fact("purchases")
        numbered = {(row.account_id, row.purchase_id): row.purchase_no for row in rows.itertuples()}
        assert numbered == {
            (account, one.id): place
            for account, own in purchases(frames).items()
            for place, one in enumerate(own, start=1)
        }, seed


def bill(key: str, account: str, day: str = "2026-05-01", **more: Any) -> dict[str, Any]:
    return {"id": key, "account_id": account, "document_type": "order", "status": "paid",
            "issued_date": date.fromisoformat(day), "total_amount": 10.0} | more  # fmt: skip


def rate(bench: Workbench, *bills: dict[str, Any], where: str = "1 = 1") -> float | None:
    bench.fill({"invoice": pd.DataFrame(list(bills))})
    return bench.kpi(KPI, where)


def test_one_of_two_customers_bought_again(bench: Workbench) -> None:
    assert rate(bench, bill("1", "a"), bill("2", "a", "2026-06-01"), bill("3", "b")) == 0.5


def test_two_purchases_of_one_day_are_two(bench: Workbench) -> None:
    assert rate(bench, bill("1", "a"), bill("2", "a")) == 1.0


def test_one_purchase_is_no_second(bench: Workbench) -> None:
    assert rate(bench, bill("1", "a")) == 0.0


def test_a_second_purchase_is_one_though_the_first_lies_before_the_range(bench: Workbench) -> None:
    bills = [bill("1", "a", "2025-01-01"), bill("2", "a"), bill("3", "b")]
    assert rate(bench, *bills, where="purchase_date >= date '2026-01-01'") == 0.5


def test_bills_of_subscriptions_void_ones_and_credits_are_no_purchases(bench: Workbench) -> None:
    assert rate(
        bench, bill("1", "a"), bill("2", "a", subscription_id="s"), bill("3", "a", status="void"),
        bill("4", "a", status="draft"), bill("5", "a", document_type="credit_note"),
    ) == 0.0  # fmt: skip


def test_orders_count_alone_where_there_are_any(bench: Workbench) -> None:
    by_invoice = bill("2", "a", document_type="invoice")
    assert rate(bench, bill("1", "a"), by_invoice) == 0.0
    assert rate(bench, by_invoice, bill("3", "a", document_type="invoice")) == 1.0


def test_nobody_who_bought_gives_no_rate(bench: Workbench) -> None:
    bench.fill({})
    assert bench.kpi(KPI) is None
    assert rate(bench, bill("1", "a", status="void")) is None

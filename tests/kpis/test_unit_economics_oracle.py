"""Payback, LTV:CAC and lifetime value against an implementation apart, on two engines."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from tests.oracles.unit_economics import (
    ENTITIES,
    acquisition_kpis,
    random_economics,
    unit_economics_kpis,
)
from tests.oracles.workbench import Workbench

SEEDS = {"duckdb": range(12), "postgres": (100, 101, 102)}


@pytest.fixture(scope="module", params=list(SEEDS))
def bench(request: pytest.FixtureRequest) -> Workbench:
    return Workbench(request.param, ENTITIES)


def test_every_kpi_equals_the_oracle_on_random_customers_and_spend(bench: Workbench) -> None:
    known: dict[str, int] = {}
    for seed in SEEDS[bench.db.engine.dialect]:
        frames = random_economics(seed)
        bench.fill(frames)
        for name, value in unit_economics_kpis(frames).items():
            assert bench.kpi(name) == pytest.approx(value), (seed, name)
            known[name] = known.get(name, 0) + (value is not None)
    assert min(known.values()) > 0, known


def test_both_sides_are_of_the_same_months_and_channel(bench: Workbench) -> None:
    for seed in SEEDS[bench.db.engine.dialect]:
        frames = random_economics(seed)
        bench.fill(frames)
        for name, value in acquisition_kpis(frames, "2025-11").items():
            found = bench.kpi(name, "month_date >= date '2025-11-01'")
            assert found == pytest.approx(value), (seed, name)
        for channel in ("ads", "mail", "(none)", "google_ads"):
            for name, value in acquisition_kpis(frames, channel=channel).items():
                found = bench.kpi(name, f"channel = '{channel}'")
                assert found == pytest.approx(value), (seed, name, channel)


def spend(amount: float, day: str = "2026-03-05") -> pd.DataFrame:
    return pd.DataFrame([{"id": "m", "spend_date": date.fromisoformat(day), "spend": amount,
                          "platform": "google_ads"}])  # fmt: skip


def paying(**accounts: tuple[str, float, str | None]) -> dict[str, pd.DataFrame]:
    """Accounts with a subscription each: start, MRR, end."""
    rows: list[dict[str, Any]] = [
        {"id": key, "account_id": key, "status": "active", "mrr": mrr,
         "start_date": date.fromisoformat(start),
         "ended_at": None if end is None else date.fromisoformat(end)}
        for key, (start, mrr, end) in accounts.items()
    ]  # fmt: skip
    people = pd.DataFrame([{"id": key, "name": key} for key in accounts])
    return {"account": people, "subscription": pd.DataFrame(rows)}


def test_a_cost_of_1200_at_100_a_month_and_80_percent_is_earned_back_in_15_months(
    bench: Workbench,
) -> None:
    new = paying(a=("2026-03-01", 100.0, None), b=("2026-03-20", 100.0, None))
    bench.fill(new | {"marketing_spend": spend(2400.0)})
    assert bench.kpi("cac_payback_months") == pytest.approx(15)


def test_new_customers_without_recurring_revenue_give_no_payback(bench: Workbench) -> None:
    won = {"id": "o", "name": "O", "status": "won", "account_id": "a", "amount": 500.0,
           "closed_at": pd.Timestamp("2026-03-02")}  # fmt: skip
    frames = {"marketing_spend": spend(100.0), "opportunity": pd.DataFrame([won])}
    bench.fill(frames)
    assert bench.kpi("cac_payback_months") is None
    bench.fill(frames | {"opportunity": pd.DataFrame([won | {"arr_amount": 1200.0}])})
    assert bench.kpi("cac_payback_months") == pytest.approx(100 / (100 * 0.8))


def test_without_new_customers_or_without_spend_there_is_no_ratio(bench: Workbench) -> None:
    old = paying(a=("2025-03-01", 100.0, None))
    bench.fill(old | {"marketing_spend": spend(100.0)})
    months = "month_date >= date '2026-01-01'"
    assert bench.kpi("ltv_cac_ratio", months) is None
    assert bench.kpi("cac_payback_months", months) is None
    for cost in ({}, {"marketing_spend": spend(0.0)}):
        bench.fill(paying(a=("2026-03-01", 100.0, None)) | cost)
        assert bench.kpi("ltv_cac_ratio") is None, cost


def test_without_churn_the_lifetime_is_sixty_months_and_with_it_its_reciprocal(
    bench: Workbench,
) -> None:
    # one of two customers is lost in five completed months: 1 of 2 * 2 + 3 customer months
    both = {"a": ("2026-01-01", 100.0, None), "b": ("2026-01-01", 100.0, "2026-03-10")}
    bench.fill(paying(a=both["a"]) | {"marketing_spend": spend(50.0)})
    assert bench.kpi("ltv_cac_ratio") == pytest.approx(100 * 0.8 * 60 / 50)
    bench.fill(paying(**both) | {"marketing_spend": spend(50.0)})
    months = 4 + 2  # at the start of February to May, and of February to March
    assert bench.kpi("ltv_cac_ratio") == pytest.approx(100 * 0.8 * months / (50 / 2))


def test_a_customer_is_of_the_channel_of_its_deal_before_that_of_its_lead(bench: Workbench) -> None:
    won = {"id": "o", "name": "O", "status": "won", "account_id": "a", "arr_amount": 1200.0,
           "closed_at": pd.Timestamp("2026-03-02"), "source_lead_id": "l"}  # fmt: skip
    frames = {
        "campaign": pd.DataFrame([
            {"id": key, "name": key, "channel": key} for key in ("ads", "mail")
        ]),
        "lead": pd.DataFrame([{"id": "l", "status": "open", "campaign_id": "mail"}]),
        "marketing_spend": spend(80.0).assign(channel="ads"),
    }  # fmt: skip
    bench.fill(frames | {"opportunity": pd.DataFrame([won | {"campaign_id": "ads"}])})
    assert bench.kpi("cac_payback_months", "channel = 'ads'") == pytest.approx(1)
    bench.fill(frames | {"opportunity": pd.DataFrame([won])})
    assert bench.kpi("cac_payback_months", "channel = 'ads'") is None
    assert bench.kpi("cac_payback_months", "channel in ('ads', 'mail')") == pytest.approx(1)


def test_churn_is_of_completed_months_only(bench: Workbench) -> None:
    gone_in_june = paying(a=("2026-01-01", 100.0, "2026-06-10"))
    bench.fill(gone_in_june | {"marketing_spend": spend(50.0)})
    assert bench.kpi("ltv_cac_ratio") == pytest.approx(100 * 0.8 * 60 / 50)


def order(key: str, account: str, amount: float | None, day: str) -> dict[str, Any]:
    return {"id": key, "account_id": account, "document_type": "order", "status": "paid",
            "issued_date": date.fromisoformat(day), "total_amount": amount}  # fmt: skip


def shop(*orders: dict[str, Any]) -> dict[str, pd.DataFrame]:
    accounts = pd.DataFrame([{"id": key, "name": key} for key in ("a", "b", "c")])
    return {"account": accounts, "invoice": pd.DataFrame(list(orders))}


def test_fifty_a_purchase_and_twelve_purchases_a_buyer_are_600(bench: Workbench) -> None:
    bench.fill(shop(*[order(str(n), "a", 50.0, f"2025-{n:02}-01") for n in range(1, 13)]))
    assert bench.kpi("clv") == pytest.approx(600)


def test_a_purchase_of_the_future_is_none_of_so_far(bench: Workbench) -> None:
    bench.fill(shop(
        order("1", "a", 50.0, "2026-06-30"), order("2", "a", 70.0, "2026-07-01"),
        order("3", "b", 90.0, "2026-08-01"),
    ))  # fmt: skip
    assert bench.kpi("clv") == pytest.approx(50)


def test_where_anybody_subscribes_the_value_is_margin_over_churn(bench: Workbench) -> None:
    years = paying(a=("2024-01-01", 100.0, None), b=("2024-01-01", 80.0, "2026-02-01"))
    orders = shop(order("1", "c", 50.0, "2026-01-01"))
    accounts = pd.concat([years["account"], orders["account"].iloc[2:]])
    bench.fill(years | orders | {"account": accounts})
    assert bench.kpi("clv") == pytest.approx(100 * 12 * 0.8 / 0.5)
    assert bench.kpi("clv", "account_name = 'a'") == pytest.approx(100 * 12 * 0.8 * 5)
    assert bench.kpi("clv", "account_name = 'c'") == pytest.approx(50)


def test_nothing_at_all_gives_nothing(bench: Workbench) -> None:
    bench.fill({})
    for name in ("cac_payback_months", "ltv_cac_ratio", "clv"):
        assert bench.kpi(name) is None, name
    bench.fill(shop())
    assert bench.kpi("clv") is None

"""Usage, candidates, purchases and lifetime value on a company small enough to count by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from tests.canonical import Canonical, canonical
from tests.oracles.several import fact, kpis

TODAY = date(2026, 6, 17)


def usage(
    account: str, ages: list[int], feature: str = "export", visitor: str = "v1"
) -> list[dict]:
    return [
        {
            "id": f"{account}{feature}{visitor}{age}",
            "account_id": account,
            "feature": feature,
            "event_date": TODAY - timedelta(days=age),
            "event_count": 2,
            "visitor_id": visitor,
        }
        for age in ages
    ]


def subscription(number: int, account: str, start: str, **more: object) -> dict[str, object]:
    return {
        "id": f"s{number}",
        "account_id": account,
        "status": "active",
        "start_date": date.fromisoformat(start),
        "mrr": 100.0,
        "quantity": 1.0,
    } | more


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def db(request: pytest.FixtureRequest) -> Canonical:
    """growing: usage up, seat taken; quiet: never used; gone: left; shop: buys without contract."""
    accounts = [{"id": name, "name": name} for name in ("growing", "quiet", "gone", "shop")]
    events = usage("growing", list(range(28))) + usage("growing", [30, 40])
    events += usage("growing", [3], feature="first_report") + usage("shop", [5, 6])
    orders = [
        ("o1", "shop", "order", "paid", None, 40.0),
        ("o2", "shop", "order", "open", None, 60.0),
        ("o3", "shop", "order", "void", None, 999.0),
        ("i1", "shop", "invoice", "paid", None, 40.0),
        ("i2", "growing", "invoice", "paid", "s1", 100.0),
        ("i3", "gone", "invoice", "paid", None, 70.0),
    ]
    invoices = pd.DataFrame(
        orders,
        columns=["id", "account_id", "document_type", "status", "subscription_id", "total_amount"],
    ).assign(issued_date=TODAY)
    return canonical(
        request.param,
        {
            "account": pd.DataFrame(accounts),
            "subscription": pd.DataFrame(
                [
                    subscription(1, "growing", "2024-01-01"),
                    subscription(2, "quiet", "2026-02-01"),
                    subscription(3, "gone", "2024-01-01", ended_at=date(2026, 1, 31)),
                ]
            ),
            "product_usage_event": pd.DataFrame(events),
            "invoice": invoices,
        },
        today=TODAY,
    )


def test_a_healthy_customer_at_the_seat_limit_with_growing_usage_is_a_candidate(
    db: Canonical,
) -> None:
    rows = fact(db, "accounts").set_index("account_id")
    assert rows.loc["growing"].is_upsell_candidate == 1
    assert rows.loc["growing"].upsell_reason == "near the seat limit; usage is growing"
    assert rows.is_upsell_candidate.sum() == 1
    assert rows.loc["gone"].health == "not a customer"


def test_usage_counts_customers_who_never_came_as_zero_days(db: Canonical) -> None:
    assert kpis(db, ["usage_frequency"]).usage_frequency[0] == 28 / 2


def test_core_events_are_per_active_account(db: Canonical) -> None:
    assert kpis(db, ["core_events"]).core_events[0] == 2 / 2


def test_orders_count_before_invoices_and_void_ones_never(db: Canonical) -> None:
    rows = fact(db, "purchases")
    assert sorted(rows.purchase_id) == ["i3", "o1", "o2"]
    assert kpis(db, ["repeat_purchase_rate"]).repeat_purchase_rate[0] == 1 / 2


def test_lifetime_value_is_annual_margin_over_yearly_churn(db: Canonical) -> None:
    half_left = 100 * 12 * 0.8 / 0.5
    assert kpis(db, ["clv"]).clv[0] == pytest.approx(half_left)
    stayed = kpis(db, ["clv"], where="account_name = 'growing'").clv[0]
    assert stayed == pytest.approx(100 * 12 * 0.8 * 5), "no churn: the lifespan is capped"
    bought = kpis(db, ["clv"], where="account_name = 'shop'").clv[0]
    assert bought == 100, "without subscriptions: what a buyer has bought"


def test_without_billing_the_crm_says_who_is_a_customer() -> None:
    frame = pd.DataFrame(
        {"id": ["a", "b"], "name": ["a", "b"], "account_type": ["customer", "prospect"],
         "health_score": [30.0, 20.0]}
    )  # fmt: skip
    crm = canonical("duckdb", {"account": frame}, today=TODAY)
    got = kpis(crm, ["at_risk_customers", "health_score", "revenue_at_risk"]).iloc[0]
    assert got.iloc[:2].tolist() == [1, 30]
    assert pd.isna(got.revenue_at_risk), "nothing tells what they pay"
    assert fact(crm, "accounts").risk_reasons.tolist() == ["low score", ""]


def test_a_customer_without_a_score_is_not_taken_for_one_that_is_not_at_risk() -> None:
    frame = pd.DataFrame(
        {"id": ["a", "b", "c"], "name": ["a", "b", "c"], "account_type": ["customer"] * 3,
         "health_score": [30.0, None, None]}
    )  # fmt: skip
    crm = canonical("duckdb", {"account": frame}, today=TODAY)
    assert kpis(crm, ["at_risk_customers"]).iloc[0, 0] == 1
    assert pd.isna(kpis(crm, ["at_risk_customers"], where="account_name <> 'a'").iloc[0, 0])
    rows = fact(crm, "accounts").set_index("account_name")
    assert rows.health.to_dict() == {"a": "at risk", "b": "(unknown)", "c": "(unknown)"}
    assert rows.is_at_risk.isna().to_dict() == {"a": False, "b": True, "c": True}
    assert rows.next_action["b"] == rows.upsell_action["b"] == ""

"""Chargebee: money of past months is what was billed then, as far as invoices tell."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from tests.billing import company, level, monthly
from tests.seeds import by_turns


def at(month: int, day: int = 1, year: int = 2026) -> int:
    return int(datetime(year, month, day, tzinfo=timezone.utc).timestamp())


def line(item: str, month: int, cents: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"li-{item}",
        "subscription_id": "sub",
        "entity_type": "plan_item_price",
        "entity_id": item,
        "date_from": at(month),
        "date_to": at(month + 1),
        "amount": cents,
        **more,
    }


def invoice(
    month: int, *lines: Mapping[str, Any], cuts: Sequence[Any] = (), **more: Any
) -> dict[str, Any]:
    return {
        "id": f"in-{month}",
        "customer_id": "cus",
        "status": "paid",
        "date": at(month),
        "generated_at": at(month),
        "currency_code": "USD",
        "total": 1,
        "deleted": "false",
        "line_items": json.dumps(lines),
        "line_item_discounts": json.dumps(cuts),
        **more,
    }


def subscription(name: str = "sub", mrr: int = 3000, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "customer_id": "cus",
        "status": "active",
        "currency_code": "USD",
        "created_at": at(1),
        "started_at": at(1),
        "updated_at": at(6, 1),
        "cancelled_at": None,
        "trial_start": None,
        "trial_end": None,
        "mrr": mrr,
        "billing_period": 1,
        "billing_period_unit": "month",
        "deleted": "false",
        **more,
    }


#: one billing system a day
pytestmark = by_turns(2, 1)
PRICES = [
    {"id": "p", "item_id": "i", "period": 1, "period_unit": "month"},
    {"id": "q", "item_id": "i", "period": 1, "period_unit": "month"},
    {"id": "year", "item_id": "i", "period": 1, "period_unit": "year"},
]
COUPONS = [{"id": "half", "duration_type": "forever"}, {"id": "once", "duration_type": "one_time"}]


def site(
    invoices: Sequence[Mapping[str, Any]],
    *subscriptions: Mapping[str, Any],
) -> dict[str, Any]:
    return {
        "customer": [{"id": "cus", "company": "Acme", "created_at": at(1)}],
        "subscription": subscriptions or [subscription()],
        "item_price": PRICES,
        "coupon": COUPONS,
        "invoice": invoices,
    }


def of(*given: Any, **tables: Any) -> dict[str, float]:
    return monthly(company("chargebee", "airbyte", site=site(*given, **tables)))


def test_a_month_has_the_price_and_quantity_that_were_billed_then():
    bills = [invoice(n, line("p", n, 2000 if n < 4 else 3000)) for n in range(1, 7)]
    assert of(bills) == level(20, 20, 20, 30, 30, 30)


def test_this_month_has_the_figure_of_the_vendor_from_the_last_change_on():
    bills = [invoice(n, line("p", n, 3000)) for n in range(1, 7)]
    now = subscription(mrr=4500, updated_at=at(6, 10))
    assert of(bills, now) == level(30, 30, 30, 30, 30, 45)


def test_a_year_paid_at_once_is_a_twelfth_a_month():
    bills = [invoice(n, line("p", n, 3000)) for n in (1, 2)]
    bills.append(invoice(3, line("year", 3, 60000, date_to=at(3, 1, 2027))))
    assert of(bills, subscription(mrr=5000)) == level(30, 30, 50, 50, 50, 50)


def test_an_item_that_is_gone_counts_to_the_end_of_the_period_it_was_paid_for():
    bills = [
        invoice(n, line("p", n, 3000), *([line("q", n, 1000)] if n < 4 else []))
        for n in range(1, 7)
    ]
    assert of(bills) == level(40, 40, 40, 30, 30, 30)


def test_only_discounts_without_an_end_are_taken_off():
    cut = {"line_item_id": "li-p", "discount_amount": 1000}
    bills = [
        invoice(
            n,
            line("p", n, 4000),
            cuts=[
                {**cut, "coupon_id": "half" if n > 2 else "once", "entity_id": "x"},
            ],
        )
        for n in range(1, 7)
    ]
    assert of(bills) == level(40, 40, 30, 30, 30, 30)


def test_prorated_lines_charges_and_voided_invoices_are_no_price():
    bills = [invoice(n, line("p", n, 3000)) for n in range(1, 7)]
    bills[2]["status"] = "voided"
    more = [
        line("q", 5, 700, date_from=at(5, 20), date_to=at(6)),
        line("setup", 5, 9900, entity_type="charge_item_price"),
    ]
    bills.append(invoice(5, *more, id="in-5b"))
    assert of(bills) == level(30, 30, 0, 30, 30, 30)


def test_no_month_lies_after_the_end_or_in_the_future():
    ended = subscription(mrr=0, status="cancelled", cancelled_at=at(4, 20), updated_at=at(4, 20))
    bills = [invoice(n, line("p", n, 3000)) for n in range(1, 5)]
    assert of(bills, ended) == {"Jan": 30, "Feb": 30, "Mar": 30, "Apr": 0}
    ahead = [invoice(n, line("p", n, 3000), line("p", 8, 9000)) for n in range(1, 7)]
    assert of(ahead) == level(30, 30, 30, 30, 30, 30)


def test_subscriptions_of_the_same_customer_without_invoices_are_not_lost():
    bills = [invoice(n, line("p", n, 3000)) for n in range(1, 7)]
    new = subscription("new", 2000, started_at=at(4))
    assert of(bills, subscription(), new) == level(30, 30, 30, 50, 50, 50)


def test_one_customer_id_in_two_sites_is_two_customers():
    bills = [invoice(n, line("p", n, 3000)) for n in range(1, 7)]
    project = company("chargebee", "airbyte", germany=site(bills), france=site(bills))
    assert monthly(project)["Jun"] == 60

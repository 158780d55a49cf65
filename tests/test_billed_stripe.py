"""Stripe: money of past months is what was billed then, from whatever tables it is loaded into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.billing import company, level, monthly
from tests.seeds import by_turns

#: one billing system a day
pytestmark = by_turns(2, 0)
FIRST = "2026-01-01"


def subscription(name: str, customer: str = "cus", **more: object) -> dict[str, object]:
    return {
        "id": name,
        "customer_id": customer,
        "status": "active",
        "created": FIRST,
        "start_date": FIRST,
        "current_period_start": "2026-06-01",
        "current_period_end": "2026-07-01",
        "ended_at": None,
        "canceled_at": None,
        "trial_start": None,
        "trial_end": None,
        "livemode": "true",
        "_fivetran_active": "true",
        "_fivetran_start": FIRST,
        **more,
    }


def price(name: str, cents: int, interval: str = "month") -> dict[str, object]:
    return {
        "id": name,
        "active": "true",
        "currency": "usd",
        "product_id": "prod",
        "recurring_interval": interval,
        "recurring_interval_count": 1,
        "recurring_usage_type": "licensed",
        "billing_scheme": "per_unit",
        "unit_amount": cents,
    }


def billed(item: str, name: str, months: Mapping[int, int], **more: object) -> list[dict[str, Any]]:
    """A line a month: month of 2026 -> cents."""
    return [
        {
            "id": f"{item}-{month}{more.get('proration', '')}",
            "invoice_id": f"in-{month}",
            "subscription_id": "sub",
            "subscription_item_id": item,
            "price_id": name,
            "plan_id": name,
            "amount": cents,
            "proration": "false",
            "period_start": f"2026-{month:02}-01",
            "period_end": f"2026-{month + 1:02}-01",
            **more,
        }
        for month, cents in months.items()
    ]


def invoices(**more: str) -> list[dict[str, object]]:
    """One a month, paid; `m3="void"` is another status of that of March."""
    return [
        {
            "id": f"in-{month}",
            "customer_id": "cus",
            "subscription_id": "sub",
            "status": more.get(f"m{month}", "paid"),
            "created": f"2026-{month:02}-01",
            "currency": "usd",
            "total": 1,
            "livemode": "true",
        }
        for month in range(1, 7)
    ]


def item(name: str, plan: str, quantity: int = 1, owner: str = "sub") -> dict[str, object]:
    return {"id": name, "subscription_id": owner, "plan_id": plan, "quantity": quantity}


PRICES = [price("p30", 3000), price("p50", 5000), price("p20", 2000), price("y600", 60000, "year")]
HALF = {"id": "half", "duration": "forever", "percent_off": 50, "amount_off": None}
FULL_YEAR = dict.fromkeys(range(1, 7), 3000)


def stripe(**tables: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "customer": [{"id": "cus", "name": "Acme", "created": FIRST, "livemode": "true"}],
        "subscription_history": [subscription("sub")],
        "subscription_item": [item("si", "p30")],
        "price": PRICES,
        **tables,
    }


def of(**tables: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    return monthly(company("stripe", "fivetran", stripe=stripe(**tables)))


def test_a_month_has_the_price_that_was_billed_then():
    lines = billed("si", "p30", {1: 3000, 2: 3000, 3: 3000}) + billed(
        "si", "p50", {4: 5000, 5: 5000, 6: 5000}
    )
    now = [item("si", "p50")]
    found = of(subscription_item=now, invoice=invoices(), invoice_line_item=lines)
    assert found == level(30, 30, 30, 50, 50, 50)
    # without invoice lines nothing tells of the old price
    assert of(subscription_item=now) == level(50, 50, 50, 50, 50, 50)


def test_a_month_has_the_quantity_that_was_billed_then_and_this_one_that_of_today():
    lines = billed("si", "p30", {1: 6000, 2: 6000, 3: 9000, 4: 9000, 5: 9000, 6: 9000})
    changed = [subscription("sub", _fivetran_start="2026-06-10")]
    found = of(
        subscription_history=changed,
        subscription_item=[item("si", "p30", 5)],
        invoice=invoices(),
        invoice_line_item=lines,
    )
    assert found == level(60, 60, 90, 90, 90, 150)


def test_a_year_paid_at_once_is_a_twelfth_a_month_and_ends_with_its_plan():
    lines = billed("si", "p30", {1: 3000, 2: 3000})
    lines += billed("si", "y600", {3: 60000}, period_end="2027-03-01")
    found = of(subscription_item=[item("si", "y600")], invoice=invoices(), invoice_line_item=lines)
    assert found == level(30, 30, 50, 50, 50, 50)


def test_an_item_that_is_gone_counts_to_the_end_of_the_period_it_was_paid_for():
    lines = billed("si", "p30", FULL_YEAR) + billed("gone", "p20", {1: 2000, 2: 2000, 3: 2000})
    assert of(invoice=invoices(), invoice_line_item=lines) == level(50, 50, 50, 30, 30, 30)


def test_prorations_void_invoices_and_drafts_are_no_price():
    lines = billed("si", "p30", FULL_YEAR)
    lines += billed("si", "p50", {5: 700}, proration="true", period_start="2026-05-20")
    found = of(invoice=invoices(m3="void", m6="draft"), invoice_line_item=lines)
    # nothing was charged for March; the bill of June is still to come
    assert found == level(30, 30, 0, 30, 30, 30)


def test_a_trial_brings_nothing_and_no_month_lies_after_the_end_or_in_the_future():
    trial = {
        "start_date": FIRST,
        "trial_start": FIRST,
        "trial_end": "2026-02-01",
        "status": "canceled",
        "ended_at": "2026-05-20",
        "canceled_at": "2026-05-20",
        "_fivetran_start": "2026-05-20",
    }
    lines = billed("si", "p30", {1: 0, 2: 3000, 3: 3000, 4: 3000, 5: 3000})
    found = of(
        subscription_history=[subscription("sub", **trial)],
        invoice=invoices(),
        invoice_line_item=lines,
    )
    assert found == {"Feb": 30, "Mar": 30, "Apr": 30, "May": 0}
    ahead = billed("si", "p30", FULL_YEAR) + billed("si", "p50", {8: 5000}, invoice_id="in-6")
    assert of(invoice=invoices(), invoice_line_item=ahead) == level(30, 30, 30, 30, 30, 30)


def test_a_lasting_coupon_takes_off_from_its_start_to_its_end():
    lines = billed("si", "p30", FULL_YEAR)
    coupon = {
        "id": "di",
        "coupon_id": "half",
        "customer_id": "cus",
        "subscription_id": "sub",
        "invoice_id": None,
        "start": "2026-03-10",
        "end": "2026-05-10",
    }
    found = of(
        invoice=invoices(), invoice_line_item=lines, coupon=[HALF], subscription_discount=[coupon]
    )
    assert found == level(30, 30, 15, 15, 30, 30)


def test_subscriptions_of_the_same_customer_without_invoices_are_not_lost():
    found = of(
        subscription_history=[
            subscription("sub"),
            subscription("new", start_date="2026-04-01"),
            subscription("old", status="canceled", ended_at="2026-03-05", canceled_at="2026-03-05"),
        ],
        subscription_item=[
            item("si", "p30"),
            item("sj", "p20", 1, "new"),
            item("sk", "p50", 1, "old"),
        ],
        invoice=invoices(),
        invoice_line_item=billed("si", "p30", FULL_YEAR),
    )
    assert found == level(80, 80, 30, 50, 50, 50)


def discount(table_of: str, **more: object) -> dict[str, object]:
    plain = {"id": f"di {table_of}", "coupon_id": "half", "customer_id": "cus", "end": None}
    return {**plain, "invoice_id": None, "subscription_id": None, "start": FIRST, **more}


def test_discounts_count_from_every_table_that_loaders_keep_them_in():
    invoiced = discount("invoice", type="invoice", invoice_id="in-1", subscription_id="sub")
    own = discount("sub", subscription_id="sub")
    assert of(coupon=[HALF], discount=[invoiced])["Jun"] == 30
    assert of(coupon=[HALF], discount=[invoiced], subscription_discount=[own])["Jun"] == 15
    assert of(coupon=[HALF], customer_discount=[discount("cus")])["Jun"] == 15
    new = discount("new", type="subscription", subscription_id="sub")
    assert of(coupon=[HALF], discount=[new])["Jun"] == 15
    # the same coupon in the table of today and in that of before is one
    assert of(coupon=[HALF], discount=[new], subscription_discount=[own])["Jun"] == 15


def test_versions_of_a_subscription_win_over_a_table_that_is_no_longer_loaded():
    stale = subscription("sub", status="canceled", ended_at="2026-02-01")
    left = subscription("left", "other", start_date="2026-05-01")
    found = of(
        subscription=[stale, left],
        subscription_item=[item("si", "p30"), item("sj", "p20", 1, "left")],
    )
    assert found == level(30, 30, 30, 30, 50, 50)


def test_an_item_may_be_of_an_older_plan_beside_prices():
    plan = {
        "id": "gold",
        "product": "prod",
        "active": "true",
        "amount": 1200,
        "currency": "usd",
        "interval": "month",
        "interval_count": 1,
    }
    items = [item("si", "p30"), item("sj", "gold", 2)]
    assert of(subscription_item=items, plan=[plan])["Jun"] == 54


def test_one_customer_id_in_two_accounts_of_the_vendor_is_two_customers():
    project = company("stripe", "fivetran", germany=stripe(), france=stripe())
    assert monthly(project)["Jun"] == 60
    with project.engine.connect() as connection:
        text = project.live.fact("account_periods", ["account_id", "period_type", "period_start"])
        rows = connection.exec_driver_sql(
            f"select distinct account_id from ({text}) as t where period_start >= date '2026-01-01'"
        ).fetchall()
    assert sorted(row[0] for row in rows) == ["france:cus", "germany:cus"]

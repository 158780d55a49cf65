"""Billing: plans, subscriptions, the ledger of MRR movements, renewals and invoices."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmkpi_demo.company.clock import Array, dates
from crmkpi_demo.company.lifecycle import Lifecycle
from crmkpi_demo.company.world import World, blank, moments_or_nat, only, pick

# code, name, family, list price per month in EUR, seats included
PLANS = (
    ("STARTER", "Brightwater Starter", "Platform", 490.0, 5),
    ("GROWTH", "Brightwater Growth", "Platform", 1290.0, 20),
    ("SCALE", "Brightwater Scale", "Platform", 3400.0, 60),
    ("ENTERPRISE", "Brightwater Enterprise", "Platform", 8200.0, 250),
    ("INSIGHTS", "Insights add-on", "Add-on", 390.0, 0),
    ("CONNECT", "Connect add-on", "Add-on", 260.0, 0),
    ("ONBOARDING", "Guided onboarding", "Services", 3500.0, 0),
)
CHURN_REASONS = (
    "Price",
    "Missing feature",
    "Competitor",
    "Low usage",
    "Business closed",
    "Support",
)


def plan_of(mrr_eur: Array) -> Array:
    """Plan number by monthly value in EUR."""
    return np.searchsorted([900.0, 2300.0, 5800.0], mrr_eur)


def billing_tables(
    world: World, accounts: pd.DataFrame, people: pd.DataFrame, life: Lifecycle
) -> dict[str, pd.DataFrame]:
    """The five billing tables; subscription changes add up to each subscription's MRR."""
    plans = pd.DataFrame(
        PLANS, columns=["plan_code", "plan_name", "family", "list_price", "seats_included"]
    )
    plans["currency"] = "EUR"
    plans["is_recurring"] = plans["family"] != "Services"
    plans["is_active"] = True
    subscriptions = _subscriptions(world, accounts, life)
    changes = life.movements[["subscription", "account", "day", "kind", "change", "after"]]
    table = pd.DataFrame({"change_id": np.arange(1, len(changes) + 1)})
    table["subscription_no"] = subscription_numbers(changes["subscription"].to_numpy())
    table["account_id"] = accounts["id"].to_numpy()[changes["account"]]
    table["change_date"] = dates(changes["day"])
    table["change_type"] = changes["kind"].to_numpy()
    table["mrr_change"] = changes["change"].to_numpy() / 100
    table["mrr_after"] = changes["after"].to_numpy() / 100
    table["currency"] = accounts["currency"].to_numpy()[changes["account"]]
    return {
        "billing.plans": plans,
        "billing.subscriptions": subscriptions,
        "billing.subscription_changes": table,
        "billing.renewals": _renewals(world, accounts, people, life),
        "billing.invoices": _invoices(world, accounts, life, subscriptions),
    }


def subscription_numbers(index: Array) -> Array:
    return ("SUB-" + pd.Series(np.asarray(index) + 10001).astype(str)).to_numpy(dtype=object)


def _subscriptions(world: World, accounts: pd.DataFrame, life: Lifecycle) -> pd.DataFrame:
    rng = world.rng("subscriptions")
    subs, n = life.subscriptions, len(life.subscriptions)
    account = subs["account"].to_numpy()
    last = life.movements.groupby("subscription")[["after"]].last()["after"]
    peak = life.movements.groupby("subscription")["after"].max()
    mrr = last.reindex(range(n)).to_numpy() / 100
    peak_eur = peak.reindex(range(n)).to_numpy() / 100 / accounts["rate"].to_numpy()[account]
    plan = plan_of(peak_eur)
    ended = subs["end"].notna().to_numpy()
    table = pd.DataFrame({"subscription_no": subscription_numbers(np.arange(n))})
    table["account_id"] = accounts["id"].to_numpy()[account]
    table["plan_code"] = np.array([row[0] for row in PLANS], dtype=object)[plan]
    overdue = (~ended) & (rng.random(n) < 0.02)
    table["status"] = np.select([ended, overdue], ["cancelled", "past_due"], "active")
    table["start_date"] = dates(subs["start"])
    due = subs["due_month"].to_numpy()
    months, dom = world.month_starts, subs["day_of_month"].to_numpy()
    running = due >= 0
    begin = np.where(running, months[np.maximum(due - subs["term"], 0)] + dom, np.nan)
    table["term_start"] = dates(np.maximum(begin, np.where(running, subs["start"], np.nan)))
    table["term_end"] = dates(np.where(running, months[np.minimum(due, len(months) - 1)] + dom, -1))
    table["term_months"] = subs["term"]
    cycle = np.where(rng.random(n) < 0.55, "year", "quarter")
    table["billing_interval"] = np.where(subs["term"] == 1, "month", cycle)
    price = np.array([row[3] / max(row[4], 1) for row in PLANS])[plan]
    table["seats"] = np.maximum(1, (peak_eur / price * rng.uniform(0.85, 1.1, n)).round())
    table["mrr"] = mrr
    table["currency"] = accounts["currency"].to_numpy()[account]
    table["auto_renew"] = rng.random(n) < 0.7
    slump = life.usage_slump[account]
    leaving = running & (slump <= world.today) & (rng.random(n) < 0.35)
    notice = np.where(leaving, world.today - rng.integers(2, 25, n), np.nan)
    notice = np.where(ended, subs["end"] - rng.integers(20, 80, n), notice)
    notice = np.maximum(notice, subs["start"] + 5)
    notice = np.minimum(notice, np.where(ended, subs["end"], np.inf))
    known = np.isfinite(notice)
    moment = world.office_moments(rng, np.where(known, notice, world.start))
    table["notice_at"] = moments_or_nat(known, moment)
    table["cancelled_at"] = table["notice_at"].where(ended)
    table["end_date"] = dates(subs["end"])
    reason = blank(rng, pick(rng, CHURN_REASONS, n, [3, 2, 2, 3, 1, 1]), 0.12)
    table["churn_reason"] = only(ended, reason)
    table["created_at"] = world.office_moments(rng, subs["start"])
    return table


def _renewals(
    world: World, accounts: pd.DataFrame, people: pd.DataFrame, life: Lifecycle
) -> pd.DataFrame:
    rng = world.rng("renewals")
    rows = life.renewals[life.renewals["due"] >= world.start].sort_values(
        ["due", "subscription"], kind="stable"
    )
    n = len(rows)
    account = rows["account"].to_numpy()
    is_open = (rows["status"] == "open").to_numpy()
    table = pd.DataFrame({"renewal_no": np.arange(1, n + 1)})
    table["subscription_no"] = subscription_numbers(rows["subscription"].to_numpy())
    table["account_id"] = accounts["id"].to_numpy()[account]
    table["due_date"] = dates(rows["due"])
    table["status"] = rows["status"].to_numpy()
    # Amounts are in the currency of the subscription. A price rise at renewal is expansion; what
    # counts as renewed is at most what was due.
    kept = np.minimum(rows["before"], rows["after"]).to_numpy()
    table["arr_due"] = rows["before"].to_numpy() * 12 / 100
    table["arr_renewed"] = np.where(is_open, np.nan, kept * 12 / 100)
    closed = np.minimum(rows["due"].to_numpy() - rng.integers(-6, 35, n), world.today - 1)
    moment = world.office_moments(rng, closed)
    table["closed_at"] = moments_or_nat(~is_open, moment)
    table["owner_id"] = people["id"].to_numpy()[accounts["csm"].to_numpy()[account]]
    return table


def _invoices(
    world: World, accounts: pd.DataFrame, life: Lifecycle, subscriptions: pd.DataFrame
) -> pd.DataFrame:
    """One invoice a billing period in the window, over the MRR at the end of its first month."""
    rng = world.rng("invoices")
    interval = subscriptions["billing_interval"].map({"month": 1, "quarter": 3, "year": 12})
    subs = life.subscriptions
    start_month = np.searchsorted(world.month_starts, subs["start"], "right") - 1
    end = subs["end"].fillna(world.today + 1).to_numpy()
    frames = []
    for month in range(world.window_month, world.this_month + 1):
        day = world.month_starts[month] + subs["day_of_month"].to_numpy()
        due = (month >= start_month) & ((month - start_month) % interval.to_numpy() == 0)
        due &= (day < end) & (day < world.today) & (day >= subs["start"].to_numpy())
        who = np.flatnonzero(due)
        frame = pd.DataFrame({"sub": who, "day": day[who]})
        account = subs["account"].to_numpy()[who]
        frame["amount"] = life.mrr[month, account] * interval.to_numpy()[who] / 100
        frames.append(frame)
    rows = pd.concat(frames, ignore_index=True)
    rows = rows[rows["amount"] > 0].reset_index(drop=True)
    n = len(rows)
    account = subs["account"].to_numpy()[rows["sub"]]
    slow = np.exp(1.5 * (0.69 - accounts["health"].to_numpy()[account]))
    due = rows["day"] + 30
    paid = due + (rng.normal(-6, 9, n) * slow).round() + (rng.random(n) < 0.05 * slow) * 60
    paid = np.maximum(paid, rows["day"] + 1)
    void = rng.random(n) < 0.006
    settled = (paid < world.today) & ~void
    lost = ~settled & ~void & (due < world.today - 120)
    table = pd.DataFrame({"invoice_no": "INV-" + pd.Series(np.arange(n) + 100001).astype(str)})
    table["account_id"] = accounts["id"].to_numpy()[account]
    table["subscription_no"] = subscription_numbers(rows["sub"].to_numpy())
    table["issued_on"] = dates(rows["day"])
    table["due_on"] = dates(due)
    moment = world.office_moments(rng, np.where(settled, paid, world.start))
    table["paid_at"] = moments_or_nat(settled, moment)
    table["status"] = np.select([void, settled, lost], ["void", "paid", "uncollectible"], "open")
    table["total"] = rows["amount"].round(2)
    table["open_amount"] = np.where(table["status"] == "open", table["total"], 0.0)
    table["currency"] = accounts["currency"].to_numpy()[account]
    table["document_type"] = "invoice"
    credit = table[(rng.random(n) < 0.008) & settled].copy()
    credit["invoice_no"] = credit["invoice_no"].str.replace("INV", "CRN")
    credit["document_type"] = "credit_note"
    credit["total"] = (-credit["total"] * 0.2).round(2)
    return pd.concat([table, credit], ignore_index=True)

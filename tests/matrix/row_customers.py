"""What the facts of customers hold row by row, account by account from the definitions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from tests.matrix.rows import Rows
from tests.oracles import customer_values, customers
from tests.oracles.account_periods import account_periods, read_books
from tests.oracles.churn_predictions import churn_predictions, month_start
from tests.oracles.customer_frames import TODAY
from tests.oracles.customers import records
from tests.oracles.labels import World, labels_of
from tests.oracles.product_usage import chances_known, upsell_reasons
from tests.oracles.purchases import purchases

Frames = dict[str, pd.DataFrame]
#: as in cases.PREDICTING
FEW_CUSTOMERS = 12
BASES = ("(none)", "segment", "segment and tenure", "segment, tenure and trend")
#: signal -> what a low one is called, in the order in which reasons are listed
REASONS = {
    "usage_signal": "little usage", "ticket_signal": "many open or urgent tickets",
    "sentiment_signal": "unhappy in surveys", "relationship_signal": "no recent contact",
    "payment_signal": "invoice overdue",
}  # fmt: skip
#: in the order in which they are seen to
ACTIONS = {
    "ticket_signal": "Escalate the open tickets and tell the customer when they are solved",
    "usage_signal": "Book a session on the use cases and train the users",
    "sentiment_signal": "Call about the last survey answer",
    "payment_signal": "Settle the overdue invoice with the customer",
    "renewal_signal": "Send the renewal offer",
}
OFFERS = {
    "near the seat limit": "Offer more seats before the limit is reached",
    "does not have every product family": "Show the product family they do not have",
    "usage is growing": "Ask what is new and offer the larger plan",
}


def with_movements(frames: Frames, seed: int) -> Frames:
    """Some accounts whose MRR is known by movements, and activities that were completed."""
    rng = np.random.default_rng(seed)
    moved = [
        {"id": f"m{n}", "account_id": account, "movement_type": "new", "mrr_change": 40.0,
         "movement_date": TODAY - pd.Timedelta(days=int(rng.integers(1, 500)))}
        for n, account in enumerate(frames["account"]["id"]) if rng.random() < 0.3
    ]  # fmt: skip
    frames["mrr_movement"] = pd.DataFrame(
        moved, columns=["id", "account_id", "movement_type", "mrr_change", "movement_date"]
    )
    talks = frames["activity"]
    talks["completed_at"] = [
        TODAY - pd.Timedelta(days=int(rng.integers(0, 150))) for _ in range(len(talks))
    ]
    return frames


def with_edges(frames: Frames, seed: int) -> Frames:
    """Customers: a renewal half way to its day, much use without a seat, lost within the year."""
    del seed
    used = [
        {"id": f"used{n}", "account_id": "seatless", "feature": "export", "event_count": 1,
         "contact_id": "c1", "event_date": TODAY - timedelta(days=n)} for n in range(14)
    ]  # fmt: skip
    term = {"status": "active", "start_date": TODAY - timedelta(days=400), "mrr": 50.0}
    added: dict[str, list[dict[str, Any]]] = {
        "account": [{"id": "halfway", "name": "Halfway",
                     "last_activity_at": pd.Timestamp(TODAY) - pd.Timedelta(days=95)},
                    {"id": "seatless", "name": "Seatless"}, {"id": "left", "name": "Left"}],
        "subscription": [
            term | {"id": "halfway", "account_id": "halfway", "auto_renew": False,
                    "current_term_end": TODAY + timedelta(days=45)},
            term | {"id": "left", "account_id": "left", "status": "cancelled",
                    "start_date": TODAY - timedelta(days=500),
                    "ended_at": TODAY - timedelta(days=60)},
            term | {"id": "seatless", "account_id": "seatless", "quantity": 0.0}],
        "product_usage_event": used,
    }  # fmt: skip
    for name, rows in added.items():
        more = pd.DataFrame(rows).astype(object)
        frames[name] = pd.concat([frames[name].astype(object), more], ignore_index=True)
    return frames


def with_rare(frames: Frames, seed: int) -> Frames:
    """A customer, and one who left, with whom no other can be compared."""
    del seed
    term = {"mrr": 30.0, "start_date": date(2025, 7, 1)}
    added: dict[str, list[dict[str, Any]]] = {
        "account": [{"id": "rare", "name": "Rare", "segment": "of one"},
                    {"id": "gone", "name": "Gone", "segment": "of another"}],
        "subscription": [
            term | {"id": "rare", "account_id": "rare", "status": "active"},
            term | {"id": "gone", "account_id": "gone", "status": "cancelled",
                    "ended_at": date(2026, 2, 10)}],
    }  # fmt: skip
    for name, rows in added.items():
        more = pd.DataFrame(rows).astype(object)
        frames[name] = pd.concat([frames[name].astype(object), more], ignore_index=True)
    return frames


def with_undated(frames: Frames, seed: int) -> Frames:
    """A deal won nobody knows when, of an account that bought nothing else."""
    del seed
    won = {"id": "undated", "account_id": "alone", "status": "won", "amount": 10.0}
    frames["opportunity"] = pd.concat(
        [frames["opportunity"], pd.DataFrame([won])], ignore_index=True
    )
    return frames


def customer_rows(given: Any) -> Iterator[Rows]:
    frames = dict(given)
    yield from labels_of(frames, "accounts", "onboardings", "renewals", "usage_days")
    yield health(frames)
    yield onboarding(frames)
    yield due(frames)


def health(frames: Frames) -> Rows:
    """Signals, risk with its reasons, and what to do about it."""
    contracts = customers.renewals(frames)
    notices = {row["account"] for row in contracts if row["open"] and row["notice"]}
    sells = "family" in frames["product"]
    chances = upsell_reasons(frames) if sells else {}
    books = read_books(frames["subscription"], frames["mrr_movement"])
    periods = account_periods(books, TODAY)
    year = periods[
        (periods.period_type == "trailing_year") & (periods.period_start == TODAY.replace(day=1))
    ].set_index("account_id")
    found = []
    countries = {row["id"]: row["country_code"] for row in World(frames).rows("account")}
    for row in records(customers.accounts(frames, TODAY)):
        for column, of in (("year_ago_customers", "start_customers"),
                           ("lost_since_customers", "churned_customers")):  # fmt: skip
            row[column] = year[of].get(row["account_id"], 0)
        row["country"] = countries[row["account_id"]] or "(none)"
        row["customer_health"] = row["health_score"] if row["is_customer"] else None
        row["risk_reasons"], row["next_action"] = risk(row, row["account_id"] in notices)
        row["health"] = state(row)
        if sells:
            offers = chances.get(row["account_id"], [])
            told = row["is_at_risk"] is not None and chances_known(frames)
            row["is_upsell_candidate"] = int(bool(offers)) if told else None
            row["upsell_reason"] = "; ".join(offers)
            row["upsell_action"] = next((OFFERS[name] for name in OFFERS if name in offers), "")
        found.append(row)
    columns = [*found[0]] if found else ["account_id"]
    return Rows("accounts", columns, found)


def state(row: dict[str, Any]) -> str:
    if not row["is_customer"]:
        return "not a customer"
    if row["health_score"] is None:
        return "(unknown)"
    if row["is_at_risk"]:
        return "at risk"
    return "healthy" if row["health_score"] >= 70 else "watch"


def risk(row: dict[str, Any], is_notice_given: bool) -> tuple[str, str]:
    """Reasons and next action of an account."""
    if not row["is_at_risk"]:
        return "", ""
    low = {name for name in customers.WEIGHTS if row[name] is not None and row[name] < 50}
    reasons = [text for name, text in REASONS.items() if name in low]
    if is_notice_given:
        reasons.append("notice given")
    elif "renewal_signal" in low:
        reasons.append("renewal open and near")
    told = "; ".join(reasons) or "low score"
    if is_notice_given:
        return told, "Call the decision maker: ask why, and make an offer"
    action = next((ACTIONS[name] for name in ACTIONS if name in low), None)
    return told, action or "Book a review with the customer"


def onboarding(frames: Frames) -> Rows:
    """Customers that started, how far they came, and what is late."""
    books = read_books(frames["subscription"], frames["mrr_movement"])
    found = []
    for row in customers.onboardings(frames, TODAY):
        age, days = row["age"], row["days"]
        finished, old = days is not None, age > 60
        paying = row["account"] in books and books[row["account"]].mrr(TODAY) > 0
        late = old and not finished and paying and age <= 180
        action = "Walk through the core events that are missing"
        if not row["reached"]:
            action = "Call: the customer has not begun; agree on the first step"
        found.append({
            "account_id": row["account"], "start_date": row["start"], "days_since_start": age,
            "core_events_reached": row["reached"], "days_to_activation": days,
            "is_customer": int(paying), "is_activation_due": int(age > 30),
            "is_onboarding_due": int(old), "is_complete": int(finished),
            "is_activated": int(finished and days <= 30), "is_late": int(late),
            "days_late": age - 60 if late else 0,
            "onboarding_status": "finished" if finished else "overdue" if old else "running",
            "next_action": "" if finished else action,
        })  # fmt: skip
    return Rows("onboardings", list(found[0]), found, where="core_events_total > 0")


def due(frames: Frames) -> Rows:
    """Contracts that fall due."""
    found = []
    for row in customers.renewals(frames):
        days = (row["due"] - TODAY).days
        is_due, near = days <= 0, row["open"] and 0 <= days <= 90
        bucket = "settled"
        if row["open"]:
            bucket = "overdue" if days < 0 else "in 30 days" if days <= 30 else "later"
            bucket = "in 31 to 60 days" if 30 < days <= 60 else bucket
            bucket = "in 61 to 90 days" if 60 < days <= 90 else bucket
        found.append({
            "account_id": row["account"], "due_date": row["due"], "days_until_due": days,
            "is_open": int(row["open"]), "is_due": int(is_due), "arr": row["arr"],
            "arr_renewed": row["kept"], "due_bucket": bucket,
            "is_renewed_due": int(row["renewed"] and is_due),
            "is_due_in_90": int(near), "arr_due_in_90": row["arr"] if near else 0.0,
        })  # fmt: skip
    return Rows("renewals", list(found[0]), found)


def retention_rows(frames: Any) -> Iterator[Rows]:
    yield from labels_of(frames, "account_periods", "mrr_changes", "churn_snapshots")
    books = read_books(frames["subscription"], frames["mrr_movement"])
    periods = account_periods(books, TODAY)
    yield Rows("account_periods", list(periods.columns), periods.to_dict("records"))
    yield movements(periods)
    yield cohorts(periods)


def movements(periods: pd.DataFrame) -> Rows:
    """MRR of an account at the start of a period, and every change of it there, by kind."""
    signs = {
        "start": 1, "new": 1, "reactivation": 1, "expansion": 1, "contraction": -1, "churned": -1,
    }  # fmt: skip
    found = [
        {"account_id": row["account_id"], "period_type": row["period_type"],
         "period_start": row["period_start"], "mrr_change": sign * row[f"{kind}_mrr"],
         "movement": "churn" if kind == "churned" else kind}
        for row in periods.to_dict("records") for kind, sign in signs.items()
        if abs(row[f"{kind}_mrr"]) > 0.004
    ]  # fmt: skip
    return Rows("mrr_changes", list(found[0]), found)


def cohorts(periods: pd.DataFrame) -> Rows:
    """Month of start and months since -> customers then and now, MRR then and now."""
    months = periods[(periods.period_type == "month") & (periods.end_mrr > 0)]
    paid: dict[str, dict[pd.Period, float]] = defaultdict(dict)
    for row in months.to_dict("records"):
        paid[row["account_id"]][pd.Period(row["period_start"], freq="M")] = row["end_mrr"]
    found: dict[tuple[pd.Period, int], dict[str, Any]] = {}
    for levels in paid.values():
        first = min(levels)
        for since, month in enumerate(pd.period_range(first, TODAY, freq="M")):
            quarter = since % 3 == 0 and 3 <= since <= 36
            row = found.setdefault((first, since), {
                "cohort_month": first.start_time.date(), "months_since": since,
                "cohort": f"{first.year} Q{first.quarter}", "is_quarter_step": int(quarter),
                "cohort_customers": 0, "retained_customers": 0, "cohort_mrr": 0.0,
                "retained_mrr": 0.0,
            })  # fmt: skip
            row["cohort_customers"] += 1
            row["cohort_mrr"] += levels[first]
            row["retained_customers"] += month in levels
            row["retained_mrr"] += levels.get(month, 0.0)
    expected = list(found.values())
    by = ("cohort_month", "months_since", "cohort", "is_quarter_step")
    return Rows("cohorts", list(expected[0]), expected, by=by)


def churn_rows(frames: Any) -> Iterator[Rows]:
    """Every customer month with its rate and the customer months it rests on."""
    yield from labels_of(frames, "churn_predictions")
    found = []
    for row in churn_predictions(dict(frames), FEW_CUSTOMERS):
        now, rate = row["churned"] is None, row["rate"]
        tested = not now and rate is not None
        found.append({
            "account_id": row["account"], "snapshot_date": month_start(row),
            "tenure": row["tenure"], "trend": row["trend"], "mrr": row["mrr"],
            "predicted_rate": rate, "cases": row["cases"],
            "outcome": "open" if now else "lost" if row["churned"] else "kept",
            "is_current": int(now), "is_current_rated": int(now and rate is not None),
            "current_rate": rate if now else None,
            "expected_loss": rate * row["mrr"] if now and rate is not None else None,
            "is_tested": int(tested), "tested_rate": rate if tested else None,
            "tested_churned": int(tested and row["churned"]),
            "next_action": churn_action(row),
            "reasons": row["reasons"], "calibration_band": row["band"],
            "basis": BASES[row["depth"]],
        })  # fmt: skip
    yield Rows("churn_predictions", list(found[0]), found)


def churn_action(row: dict[str, Any]) -> str:
    if row["churned"] is not None:
        return "(none)"
    if row["trend"] == "shrunk":
        return "Ask what they no longer need, and agree what brings it back"
    if row["tenure"] == "first year":
        return "Check that their first goals are reached; train who is missing"
    return "Book a review with the customer"


#: what to do with customers of a segment
OUTREACH = {
    "champions": "Ask for a reference or a referral", "loyal": "Offer the next larger product",
    "potential loyalists": "Offer a reason to buy again this month",
    "promising": "Offer a reason to buy again this month",
    "new": "Call to hear how the first purchase went",
    "needs attention": "Write with an offer that ends",
    "about to sleep": "Write with an offer that ends",
    "at risk": "Call in person: ask why they stopped",
    "cannot lose": "Call in person: ask why they stopped",
    "hibernating": "Win back with one mailing, then leave in peace",
}  # fmt: skip


def buyer_rows(given: Any) -> Iterator[Rows]:
    frames = dict(given)
    yield from labels_of(frames, "customer_values", "purchases")
    found = [
        {"account_id": account, "recency_days": one["recency"], "purchase_count": one["frequency"],
         "purchase_amount": one["value"], "recency_score": one["r"], "frequency_score": one["f"],
         "value_score": one["v"], "behaviour": one["segment"],
         "next_action": OUTREACH[one["segment"]],
         "is_core": int(one["segment"] in ("champions", "loyal"))}
        for account, one in customer_values.customers(frames).items()
    ]  # fmt: skip
    yield Rows("customer_values", list(found[0]), found)
    bought: list[dict[str, Any]] = [
        {"account_id": account, "purchase_id": one.id, "purchase_date": one.day,
         "amount": one.amount, "purchase_no": place}
        for account, own in purchases(frames).items() for place, one in enumerate(own, start=1)
    ]  # fmt: skip
    yield Rows("purchases", list(bought[0]), bought)

"""How customers use the product and who may buy more, account by account, from the definitions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from tests.oracles.account_periods import read_books
from tests.oracles.customer_frames import TODAY, random_frames
from tests.oracles.customers import CORE, accounts, records

Frames = Mapping[str, pd.DataFrame]
LONG_AGO = date(2000, 1, 1)
HEALTHY, NEAR_LIMIT, GROWTH = 70, 0.9, 1.25


def random_usage(seed: int, count: int | None = None) -> dict[str, pd.DataFrame]:
    """Customers with seats, product families and users; in some seeds few or none use anything."""
    rng = np.random.default_rng(seed)
    frames = random_frames(seed, (0, 1, 12, 30, 45)[seed % 5] if count is None else count)

    def drawn(size: int, *values: Any) -> Any:
        return rng.choice(np.array(values, dtype=object), size)

    subs, events = frames["subscription"], frames["product_usage_event"]
    subs["product_id"] = drawn(len(subs), "crm", "crm plus", "desk", None)
    subs["quantity"] = drawn(len(subs), 0.0, 1.0, 2.0, 5.0, None)
    events["account_id"] = events["account_id"].where(rng.random(len(events)) > 0.1, None)
    events["contact_id"] = drawn(len(events), "c1", "c2", None)
    events["visitor_id"] = drawn(len(events), "v1", "v2", None)
    if seed % 7 == 3:
        frames["product_usage_event"] = events[events["account_id"] == "a0"].reset_index(drop=True)
    products = [("crm", "sales"), ("crm plus", "sales"), ("desk", "service"), ("gone", "more")]
    frames["product"] = pd.DataFrame([
        {"id": key, "name": key, "family": family} for key, family in products
    ])  # fmt: skip
    return frames


def used(frames: Frames) -> list[dict[str, Any]]:
    """Events that say that somebody of an account did something."""
    events = records(frames["product_usage_event"])
    return [one for one in events if one["account_id"] is not None and one["event_count"] > 0]


def core_events(frames: Frames, since: date = LONG_AGO) -> float | None:
    """Core events per account that was active at all from `since` on."""
    events = [one for one in used(frames) if one["event_date"] >= since]
    active = {one["account_id"] for one in events}
    core = sum(one["event_count"] for one in events if one["feature"] in CORE)
    return core / len(active) if active else None


def customer_ids(frames: Frames) -> set[str]:
    """Accounts on record that pay today; without any billing those the CRM calls customers."""
    on_record = records(frames["account"])
    books = read_books(frames["subscription"], frames["mrr_movement"])
    gains = [gain for book in books.values() if (gain := book.first_gain()) is not None]
    if not any(gain <= TODAY for gain in gains):
        return {one["id"] for one in on_record if one["account_type"] == "customer"}
    return {one["id"] for one in on_record if one["id"] in books and books[one["id"]].mrr(TODAY)}


def usage_frequency(frames: Frames, only: set[str] | None = None) -> float | None:
    """Active days of the last 28 per customer; of the accounts `only` where that is given."""
    past = [one for one in used(frames) if one["event_date"] <= TODAY]
    known = {one["id"] for one in records(frames["account"])}
    customers = customer_ids(frames) if only is None else customer_ids(frames) & only
    if not customers or not any(one["account_id"] in known for one in past):
        return None
    days = {
        (one["account_id"], one["event_date"])
        for one in past
        if one["account_id"] in customers and (TODAY - one["event_date"]).days < 28
    }
    return len(days) / len(customers)


def upsell_reasons(frames: Frames) -> dict[str, list[str]]:
    """Healthy customer -> why it may buy more; those without a reason are not in it."""
    if frames["account"].empty:
        return {}
    health = accounts(dict(frames), TODAY).set_index("account_id")["health_score"]
    families = {one["id"]: one["family"] for one in records(frames["product"])}
    running = [r for r in records(frames["subscription"]) if r["status"] in ("active", "past_due")]
    sold = {families.get(row["product_id"]) for row in running} - {None}
    found = {}
    for customer in customer_ids(frames):
        score = health[customer]
        if score is None or pd.isna(score) or score < HEALTHY:
            continue
        reasons = []
        own = [row for row in running if row["account_id"] == customer]
        recent = [
            (one, (TODAY - one["event_date"]).days)
            for one in used(frames)
            if one["account_id"] == customer and 0 <= (TODAY - one["event_date"]).days < 56
        ]
        users = {one["contact_id"] or one["visitor_id"] for one, age in recent if age < 28} - {None}
        seats = sum(row["quantity"] or 0.0 for row in own)
        if seats > 0 and len(users) >= NEAR_LIMIT * seats:
            reasons.append("near the seat limit")
        now = sum(one["event_count"] for one, age in recent if age < 28)
        before = sum(one["event_count"] for one, age in recent if age >= 28)
        if before > 0 and now >= GROWTH * before:
            reasons.append("usage is growing")
        held = {families.get(row["product_id"]) for row in own} - {None}
        if held and held != sold:
            reasons.append("does not have every product family")
        if reasons:
            found[customer] = reasons
    return found


def chances_known(frames: Frames) -> bool:
    """Whether anything is known by which a customer could have a chance."""
    families = {one["id"]: one["family"] for one in records(frames["product"])}
    running = [r for r in records(frames["subscription"]) if r["status"] in ("active", "past_due")]
    seen = any(one["account_id"] and one["event_date"] <= TODAY for one in used(frames))
    return seen or any(families.get(row["product_id"]) for row in running)


def usage_kpis(frames: Frames) -> dict[str, float | None]:
    """The KPIs over the whole frames."""
    known = False
    if not frames["account"].empty:
        scores = accounts(dict(frames), TODAY).set_index("account_id")["health_score"]
        known = scores[sorted(customer_ids(frames))].notna().any() and chances_known(frames)
    return {
        "core_events": core_events(frames),
        "usage_frequency": usage_frequency(frames),
        "upsell_candidates": float(len(upsell_reasons(frames))) if known else None,
    }

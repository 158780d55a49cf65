"""MRR of an account on any day, and what a period makes of two such days; no SQL, no joins.

Formulas: kpis.psv (retention, expansion). The level of a day is looked up by brute force.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Book:
    """What is known of one account: (day, signed change) entries, in any order."""

    entries: tuple[tuple[date, float], ...]

    def mrr(self, day: date) -> float:
        """MRR at the end of `day`, to the cent; an account never owes MRR."""
        total = sum(change for when, change in self.entries if when <= day)
        return max(round(total, 2), 0.0)

    def first_gain(self) -> date | None:
        gains = [when for when, change in self.entries if change > 0]
        return min(gains) if gains else None


def read_books(subscriptions: pd.DataFrame, movements: pd.DataFrame) -> dict[str, Book]:
    """Books by account: its movements when it has any, else its paid subscriptions."""
    entries: dict[str, list[tuple[date, float]]] = {}
    for row in movements.to_dict("records"):
        entries.setdefault(row["account_id"], []).append((row["movement_date"], row["mrr_change"]))
    with_movements = set(entries)
    for row in subscriptions.to_dict("records"):
        if row["account_id"] in with_movements or row["status"] == "trialing":
            continue
        own = entries.setdefault(row["account_id"], [])
        own.append((row["start_date"], row["mrr"]))
        end = subscription_end(row)
        if end is not None:
            own.append((max(end, row["start_date"]), -row["mrr"]))
    return {account: Book(tuple(own)) for account, own in entries.items()}


def subscription_end(row: Mapping[str, object]) -> date | None:
    """First day without the MRR: the end recorded, else what the status lets us conclude."""

    def known(name: str) -> date | None:
        value = row[name]
        return None if value is None or pd.isna(value) else pd.Timestamp(value).date()

    if known("ended_at"):
        return known("ended_at")
    if row["status"] in ("cancelled", "expired"):
        return known("current_term_end") or known("cancelled_at") or known("start_date")
    if row["status"] == "paused":
        return known("updated_at") or known("start_date")
    return None


def periods(first: date, today: date) -> list[tuple[str, date, date, date]]:
    """(type, period_start, last day before, last day) of all periods from `first` to `today`."""
    found = []
    for kind, code in (("month", "M"), ("quarter", "Q"), ("year", "Y")):
        for period in pd.period_range(first, today, freq=code):
            start, end = period.start_time.date(), period.end_time.date()
            found.append((kind, start, start - DAY, min(end, today)))
    for month in pd.period_range(first, today, freq="M"):
        before = (month - 12).end_time.date()
        found.append(
            ("trailing_year", month.start_time.date(), before, min(month.end_time.date(), today))
        )
    return found


def account_periods(books: Mapping[str, Book], today: date) -> pd.DataFrame:
    """One row per account and period with MRR at either end."""
    rows = []
    for account, book in books.items():
        gained = book.first_gain()
        if gained is None or gained > today:
            continue
        for kind, start, before, end in periods(gained, today):
            then, now = book.mrr(before), book.mrr(end)
            if then == 0 and now == 0:
                continue
            came, stayed = then == 0, then > 0 and now > 0
            rows.append(
                {
                    "account_id": account,
                    "period_type": kind,
                    "period_start": start,
                    "period_end": end,
                    "start_mrr": then,
                    "end_mrr": now,
                    "start_customers": int(then > 0),
                    "end_customers": int(now > 0),
                    "new_customers": int(came and gained > before),
                    "reactivated_customers": int(came and gained <= before),
                    "churned_customers": int(then > 0 and now == 0),
                    "new_mrr": now if came and gained > before else 0.0,
                    "reactivation_mrr": now if came and gained <= before else 0.0,
                    "expansion_mrr": max(now - then, 0.0) if stayed else 0.0,
                    "contraction_mrr": max(then - now, 0.0) if stayed else 0.0,
                    "churned_mrr": then if now == 0 else 0.0,
                }
            )
    return pd.DataFrame(rows)


def rates(rows: pd.DataFrame) -> dict[str, float | None]:
    """The KPIs of a set of rows of one period, each by its words."""
    then = rows[rows.start_mrr > 0]
    if then.empty:
        names = ("retention_rate", "churn_rate", "gross_revenue_retention", "nrr", "upsell_rate")
        return dict.fromkeys(names) | _levels(rows)
    kept = then[["start_mrr", "end_mrr"]].min(axis=1).sum()
    return {
        "retention_rate": float((then.end_mrr > 0).mean()),
        "churn_rate": float((then.end_mrr == 0).mean()),
        "gross_revenue_retention": kept / then.start_mrr.sum(),
        "nrr": then.end_mrr.sum() / then.start_mrr.sum(),
        "upsell_rate": float((then.end_mrr > then.start_mrr).mean()),
    } | _levels(rows)


def _levels(rows: pd.DataFrame) -> dict[str, float | None]:
    grown = rows[(rows.start_mrr > 0) & (rows.end_mrr > rows.start_mrr)]
    moved = rows.end_mrr - rows.start_mrr
    gained, lost = float(moved[moved > 0].sum()), float(-moved[moved < 0].sum())
    return {
        "mrr": float(rows.end_mrr.sum()),
        "customer_growth": float((rows.end_mrr > 0).sum()),
        "expansion_revenue": float((grown.end_mrr - grown.start_mrr).sum()),
        "quick_ratio": gained / lost if lost else None,
    }

"""What a customer's probability of churn has to be: from MRR looked up day by day.

Months are (year, month) as pandas periods; MRR of a day comes from the books of account_periods.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from tests.oracles.account_periods import Book, read_books
from tests.oracles.reasons import TOO_LITTLE, band, reasons
from tests.oracles.workbench import TODAY

MIN_CASES, MONTHS = 60, 24
KEYS = ("segment", "tenure", "trend")


def at_end(book: Book, month: pd.Period) -> float:
    """MRR at the end of a month, or now in the running one."""
    return book.mrr(min(month.end_time.date(), TODAY))


def attributes(book: Book, month: pd.Period, segment: str) -> dict[str, Any]:
    """What is known of a customer at the start of `month`."""
    gained = book.first_gain()
    assert gained is not None
    began = next(
        m for m in pd.period_range(gained, month.start_time, freq="M") if at_end(book, m) > 0
    )
    shrunk = any(0 < at_end(book, month - k) < at_end(book, month - k - 1) for k in (1, 2, 3))
    months = (month.year - began.year) * 12 + month.month - began.month
    return {
        "segment": segment,
        "tenure": "first year" if months <= 12 else "later",
        "trend": "shrunk" if shrunk else "not shrunk",
        "mrr": at_end(book, month - 1),
    }


def snapshots(frames: Mapping[str, pd.DataFrame], months: int = MONTHS) -> list[dict[str, Any]]:
    """Customers today (churned is None) and at the start of each month of the history."""
    books = read_books(frames["subscription"], frames["mrr_movement"])
    segments = {
        row["id"]: "(none)" if pd.isna(row["segment"]) else row["segment"]
        for row in frames["account"].to_dict("records")
    }
    now = pd.Period(TODAY, freq="M")
    found = []
    for account, book in books.items():
        segment = segments.get(account, "(none)")
        for month in [now - back for back in range(3, 3 + months)]:
            if at_end(book, month - 1) > 0:
                row = attributes(book, month, segment)
                churned = at_end(book, month + 2) == 0
                found.append({"account": account, "month": month, "churned": churned} | row)
        if book.mrr(TODAY) > 0:
            row = attributes(book, now + 1, segment)
            found.append({"account": account, "month": now + 1, "churned": None} | row)
    return found


def churn_predictions(
    frames: Mapping[str, pd.DataFrame], least: int = MIN_CASES
) -> list[dict[str, Any]]:
    """Snapshots with rate and cases; a past one does not know any month of its own customer."""
    found = snapshots(frames)
    past = [row for row in found if row["churned"] is not None]
    for row in found:
        row["rate"], row["cases"], row["depth"] = None, None, 0
        row["reasons"], row["band"] = TOO_LITTLE, "(none)"
        for depth in (3, 2, 1):
            alike = _alike(past, row, depth)
            if len(alike) >= least:
                row["rate"], row["cases"] = sum(alike) / len(alike), len(alike)
                row["depth"] = depth
                labels = (f"segment {row['segment']}", row["tenure"], f"MRR {row['trend']}")
                row["reasons"] = reasons(
                    [(labels[n - 1], _alike(past, row, n)) for n in range(1, depth + 1)]
                )
                row["band"] = band(_alike(past, {**row, "account": None}, depth))
                break
    return found


def _alike(past: list[dict[str, Any]], row: Mapping[str, Any], depth: int) -> list[bool]:
    """Lost or not, of the past snapshots of other customers, alike in so many keys."""
    return [
        other["churned"]
        for other in past
        if all(other[key] == row[key] for key in KEYS[:depth])
        and (row["churned"] is None or other["account"] != row["account"])
    ]


def churn_risk(rows: list[dict[str, Any]]) -> float | None:
    rates = [r["rate"] for r in rows if r["churned"] is None and r["rate"] is not None]
    return sum(rates) / len(rates) if rates else None


def expected_churned_mrr(rows: list[dict[str, Any]]) -> float | None:
    now = [r for r in rows if r["churned"] is None and r["rate"] is not None]
    return sum(r["rate"] * r["mrr"] for r in now) if now else None


def month_start(row: Mapping[str, Any]) -> date:
    """The snapshot date of a row."""
    return TODAY if row["churned"] is None else row["month"].start_time.date()


def random_customers(seed: int) -> dict[str, pd.DataFrame]:
    """Customers who come, grow, shrink, leave and come back over three years."""
    rng = np.random.default_rng(seed)

    def day(back: int) -> date:
        return TODAY - timedelta(days=int(rng.integers(-10, back)))

    def pick(*options: Any) -> Any:
        return options[int(rng.integers(0, len(options)))]

    subscriptions: list[dict[str, Any]] = []
    movements: list[dict[str, Any]] = []
    accounts = [f"a{n}" for n in range(int(rng.integers(4, 16)))]
    for account in accounts:
        for _ in range(int(rng.integers(0, 4))):
            start = day(1000)
            ends = rng.random() < 0.5
            subscriptions.append({
                "id": f"s{len(subscriptions)}", "account_id": account, "start_date": start,
                "status": pick("active", "active", "cancelled", "paused", "trialing"),
                "mrr": pick(50.0, 80.0, 19.99),
                "ended_at": start + timedelta(days=int(rng.integers(0, 600))) if ends else None,
                "current_term_end": pick(None, day(300)), "cancelled_at": pick(None, day(200)),
                "updated_at": pick(None, pd.Timestamp(day(200)) + pd.Timedelta(hours=9)),
            })  # fmt: skip
        if rng.random() < 0.3:
            for _ in range(int(rng.integers(1, 6))):
                movements.append({
                    "id": f"m{len(movements)}", "account_id": account, "movement_date": day(900),
                    "mrr_change": pick(40.0, 25.0, -40.0, -10.0),
                })  # fmt: skip
    columns = (
        "id account_id status start_date mrr ended_at current_term_end cancelled_at updated_at"
    )
    return {
        "account": pd.DataFrame([
            {"id": key, "name": key, "segment": pick("SMB", "SMB", "enterprise", None)}
            for key in accounts[: int(rng.integers(1, len(accounts) + 1))]
        ]),
        "subscription": pd.DataFrame(subscriptions, columns=columns.split()),
        "mrr_movement": pd.DataFrame(
            movements, columns=["id", "account_id", "movement_date", "mrr_change"]
        ),
    }  # fmt: skip

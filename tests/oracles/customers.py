"""Renewals, onboarding, health and lifetime value of accounts, recounted record by record.

Formulas: kpis.psv and the definitions of the KPIs. Frames hold Python dates or None.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from statistics import mean, median
from typing import Any

import pandas as pd

from tests.oracles.account_periods import read_books

CORE = ("connect_data", "invite_team", "first_report")
WEIGHTS = {
    "usage_signal": 30,
    "ticket_signal": 15,
    "sentiment_signal": 20,
    "relationship_signal": 15,
    "payment_signal": 10,
    "renewal_signal": 10,
}
Record = dict[str, Any]


def records(frame: pd.DataFrame) -> list[Record]:
    """Rows as dicts; whatever pandas holds for missing becomes None."""
    return [
        {key: None if pd.isna(value) else value for key, value in row.items()}
        for row in frame.astype(object).to_dict("records")
    ]


def renewals(frames: dict[str, pd.DataFrame]) -> list[Record]:
    """Contracts with account, due date, open, renewed, annual value and value renewed."""
    found = []
    for row in records(frames["renewal"]):
        renewed = row["status"] in ("renewed", "partially_renewed")
        arr, given = row["arr_up_for_renewal"], row["arr_renewed"]
        kept = 0.0 if not renewed else arr if given is None else min(arr, given)
        found.append(
            {"account": row["account_id"], "due": row["due_date"], "open": row["status"] == "open",
             "renewed": renewed, "arr": arr, "kept": kept, "auto": False, "notice": False}
        )  # fmt: skip
    recorded = {row["account"] for row in found}
    for row in records(frames["subscription"]):
        if row["status"] == "trialing" or row["account_id"] in recorded:
            continue
        over = row["ended_at"] is not None or row["status"] in ("cancelled", "expired")
        arr = row["mrr"] * 12
        common = {"account": row["account_id"], "arr": arr, "auto": bool(row["auto_renew"])}
        if row["current_term_end"] is not None:
            notice = row["notice_given_at"] is not None
            found.append(common | {"due": row["current_term_end"], "open": not over, "kept": 0.0,
                                   "renewed": False, "notice": notice})  # fmt: skip
        if row["current_term_start"] is not None and row["current_term_start"] > row["start_date"]:
            found.append(common | {"due": row["current_term_start"], "open": False, "kept": arr,
                                   "renewed": True, "notice": False})  # fmt: skip
    return found


def renewal_kpis(found: list[Record], today: date) -> dict[str, float | None]:
    due = [row for row in found if row["due"] <= today]
    ahead = [row for row in found if row["open"] and 0 <= (row["due"] - today).days <= 90]
    value = sum(row["arr"] for row in due)
    return {
        "renewal_rate": mean(row["renewed"] for row in due) if due else None,
        "renewal_rate_by_value": sum(row["kept"] for row in due) / value if value else None,
        "renewals_due": sum(row["arr"] for row in ahead),
    }


def onboardings(frames: dict[str, pd.DataFrame], today: date) -> list[Record]:
    """Customers that started: days since, and days to the last core event (None if one lacks)."""
    usage = [row for row in records(frames["product_usage_event"]) if row["event_count"] > 0]
    usage = [row for row in usage if row["event_date"] <= today and row["feature"] in CORE]
    wanted = {row["feature"] for row in usage}
    found = []
    for account in records(frames["account"]):
        paid = [
            row["start_date"]
            for row in records(frames["subscription"])
            if row["account_id"] == account["id"] and row["status"] != "trialing"
        ]
        moved = [
            row["movement_date"]
            for row in records(frames["mrr_movement"])
            if row["account_id"] == account["id"] and row["mrr_change"] > 0
        ]
        start = min(paid or moved, default=account["customer_since"])
        if start is None or start > today:
            continue
        first: dict[str, date] = {}
        for row in usage:
            if row["account_id"] == account["id"]:
                first[row["feature"]] = min(first.get(row["feature"], today), row["event_date"])
        done = bool(wanted) and set(first) == wanted
        days = max(0, (max(first.values()) - start).days) if done else None
        found.append({"account": account["id"], "start": start, "age": (today - start).days,
                      "days": days, "reached": len(first)})  # fmt: skip
    return found if wanted else []


def onboarding_kpis(
    found: list[Record], middle: Callable[[list[Any]], float] = median
) -> dict[str, float | None]:
    """KPI name -> value; `middle` is the mean where that stands in for the median."""
    young, old = ([row for row in found if row["age"] > limit] for limit in (30, 60))
    times = [row["days"] for row in found if row["days"] is not None]
    in_time = [row["days"] is not None and row["days"] <= 30 for row in young]
    return {
        "activation_rate": mean(in_time) if young else None,
        "onboarding_completion_rate": mean(r["days"] is not None for r in old) if old else None,
        "time_to_activation": middle(times) if times else None,
    }


def signals(frames: dict[str, pd.DataFrame], account: Record, today: date) -> dict[str, float]:
    """The health signals (0 to 100) this account has; missing ones are not there."""

    def own(entity: str) -> list[Record]:
        return [r for r in records(frames[entity]) if r["account_id"] == account["id"]]

    def ago(day: date | pd.Timestamp) -> int:
        return (today - pd.Timestamp(day).date()).days

    found: dict[str, float] = {}
    usage = [
        r for r in own("product_usage_event") if r["event_count"] > 0 and ago(r["event_date"]) >= 0
    ]
    if usage:
        active = {r["event_date"] for r in usage if ago(r["event_date"]) < 28}
        found["usage_signal"] = min(100.0, 100 * len(active) / 12)
    tickets = own("ticket")
    if tickets:
        opened = [r for r in tickets if r["status"] not in ("solved", "closed", "merged")]
        urgent = [r for r in opened if r["priority"] in ("high", "urgent") or r["is_escalated"]]
        found["ticket_signal"] = max(0.0, 100 - 15 * (len(opened) + len(urgent)))
    answers = [
        (r["score"] - r["scale_min"]) / (r["scale_max"] - r["scale_min"]) * 100
        for r in own("survey_response")
        if r["survey_type"] != "ces" and r["responded_at"] and 0 <= ago(r["responded_at"]) <= 180
        and r["score"] is not None
    ]  # fmt: skip
    if answers:
        found["sentiment_signal"] = mean(answers)
    touches = [
        r["occurred_at"] or r.get("completed_at")
        for r in own("activity") if r["status"] != "cancelled"
    ]  # fmt: skip
    touches = [ago(t) for t in [*touches, account["last_activity_at"]] if t is not None]
    touches = [days for days in touches if days >= 0]
    if touches:
        found["relationship_signal"] = min(100.0, max(0.0, 100 * (90 - min(touches)) / 76))
    bills = [r for r in own("invoice") if r["document_type"] == "invoice"]
    bills = [r for r in bills if r["status"] in ("open", "paid", "uncollectible")]
    if bills:
        late = [ago(r["due_date"] or r["issued_date"]) for r in bills if r["status"] != "paid"]
        found["payment_signal"] = max(0.0, 100 - 100 * max([0, *late]) / 60)
    ahead = [r for r in renewals(frames) if r["account"] == account["id"] and r["open"]]
    if ahead:
        found["renewal_signal"] = min(renewal_signal(r, (r["due"] - today).days) for r in ahead)
    return found


def renewal_signal(contract: Record, days: int) -> float:
    if contract["notice"]:
        return 0.0
    if contract["auto"] or days > 90:
        return 100.0
    return max(0.0, 100 * days / 90)


def accounts(frames: dict[str, pd.DataFrame], today: date) -> pd.DataFrame:
    """Score, signals, MRR and risk of every account."""
    books = read_books(frames["subscription"], frames["mrr_movement"])
    rows = []
    for account in records(frames["account"]):
        found = signals(frames, account, today)
        weight = sum(WEIGHTS[name] for name in found)
        total = sum(WEIGHTS[name] * value for name, value in found.items())
        score = total / weight if weight else account["health_score"]
        mrr = books[account["id"]].mrr(today) if account["id"] in books else 0.0
        # of who is no customer, or has no score, nobody can say it
        at_risk = score < 50 if mrr > 0 and score is not None else None
        rows.append(
            {"account_id": account["id"], "mrr": mrr, "is_customer": int(mrr > 0),
             "is_at_risk": None if at_risk is None else int(at_risk),
             "mrr_at_risk": None if at_risk is None else mrr * at_risk,
             "health_score": score, "health_signals": len(found)}
            | {name: found.get(name) for name in WEIGHTS}
        )  # fmt: skip
    return pd.DataFrame(rows)

"""What the facts of pipeline, target, forecast and revenue hold row by row, month by month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pandas as pd

from tests.matrix.rows import Rows
from tests.oracles.pipeline import month_of, snapshot_forecasts, stood_at, targets
from tests.oracles.sales import TODAY, Frames, by_id, deal_rows, rows_of, stage_odds

FIRST_MONTH = date(2025, 1, 1)


def months_open(frames: Frames) -> Rows:
    """Every deal at the end of every past month in which it was open, and of today."""
    found: list[dict[str, Any]] = []
    for month in pd.period_range(FIRST_MONTH, TODAY, freq="M"):
        start, end = month.start_time.date(), month.end_time.date()
        if end < TODAY:
            found += [row | {"month_start": start} for row in stood_at(frames, end)]
    stages = by_id(rows_of(frames, "stage"))
    for deal in rows_of(frames, "opportunity"):
        stage = stages.get(deal["stage_id"])
        if deal["status"] == "open" and not (stage and stage["is_closed"]):
            found.append({
                "month_start": TODAY.replace(day=1), "opportunity_id": deal["id"],
                "amount": deal["amount"], "stage_id": deal["stage_id"],
                "expected_close_date": deal["expected_close_date"],
                "probability": deal["probability"],
            })  # fmt: skip
    odds_of = stage_odds(frames)
    # one rule for all months: a deal of no known chance in one of them has all go by their stages
    guessed = [row for row in found if row["stage_id"] in stages.keys() - odds_of.keys()]
    by_stage = any(row["probability"] is None for row in guessed)
    for row in found:
        stage = stages.get(row["stage_id"]) or {"name": "(none)", "probability": None}
        own = stage["probability"] if by_stage else row["probability"]
        chance = odds_of.get(row["stage_id"], own)
        row["win_probability"] = chance
        row["stage"], known = stage["name"], row["amount"] is not None and chance is not None
        row["weighted_amount"] = row["amount"] * chance if known else None
    columns = ["month_start", "opportunity_id", "amount", "stage", "expected_close_date",
               "win_probability", "weighted_amount"]  # fmt: skip
    return Rows("pipeline_months", columns, found)


def target_rows(frames: Frames) -> Iterator[Rows]:
    """Months with a target: of each owner the target, what was won and is due, and the gap."""
    target = targets(frames)
    months = {month for month, _ in target}
    found: dict[Any, dict[str, Any]] = {}

    def row(month: Any, owner: str) -> dict[str, Any]:
        start = date(*month, 1)
        blank = {"target_amount": 0.0, "won_amount": 0.0, "open_due_amount": 0.0}
        return found.setdefault((month, owner), {"month_start": start, "owner": owner} | blank)

    for (month, owner), amount in target.items():
        row(month, owner)["target_amount"] += amount
    for deal in deal_rows(frames):
        when = deal["closed_date"] if deal["is_won"] else deal["due_date"]
        if month_of(when) in months and (deal["is_won"] or deal["is_open"]):
            column = "won_amount" if deal["is_won"] else "open_due_amount"
            row(month_of(when), deal["owner"])[column] += deal["amount"] or 0.0
    whole = [
        {"month_start": date(*month, 1),
         "target_amount": sum(amount for (when, _), amount in target.items() if when == month)}
        for month in months
    ]  # fmt: skip
    yield Rows("pipeline_periods", ["month_start", "target_amount"], whole, by=("month_start",))
    named = [one for one in found.values() if one["owner"] != "(none)"]
    for one in named:
        one["gap_amount"] = max(0.0, one["target_amount"] - one["won_amount"])
        if not one["target_amount"]:
            one["target_status"] = "no target"
        else:
            one["target_status"] = "open" if one["gap_amount"] else "met"
    columns = ["month_start", "owner", "target_amount", "won_amount", "open_due_amount",
               "gap_amount", "target_status"]  # fmt: skip
    yield Rows("pipeline_periods", columns, named, where="owner <> '(none)'")


def months_won(frames: Frames, today: date = TODAY) -> Rows:
    """Per month: won, won in the same days a year before, deals won and closed."""
    found: dict[date, dict[str, Any]] = {}

    def add(start: date, **values: float) -> None:
        blank = {"won_amount": 0.0, "comparable_amount": 0.0, "prior_amount": 0.0, "won_deals": 0,
                 "closed_deals": 0}  # fmt: skip
        row = found.setdefault(start, {"month_start": start} | blank)
        for name, value in values.items():
            row[name] += value

    deals = deal_rows(frames)
    wins = [deal["closed_date"] for deal in deals if deal["is_won"] and deal["closed_date"]]
    for deal in deals:
        closed = deal["closed_date"]
        if deal["is_open"] or closed is None:
            continue
        start, amount = closed.replace(day=1), deal["amount"] or 0.0
        won = amount if deal["is_won"] else 0.0
        if start <= today:
            before = start.replace(year=start.year - 1)
            add(start, won_amount=won, won_deals=deal["is_won"], closed_deals=1,
                comparable_amount=won if before >= min(wins).replace(day=1) else 0.0)  # fmt: skip
        later = start.replace(year=start.year + 1)
        running = later == today.replace(day=1)
        if deal["is_won"] and later <= today and (not running or closed.day <= today.day):
            add(later, prior_amount=won)
    columns = ["month_start", "won_amount", "comparable_amount", "prior_amount", "won_deals",
               "closed_deals"]  # fmt: skip
    expected = [row for row in found.values() if row["closed_deals"] or row["prior_amount"]]
    where = "won_deals + closed_deals + prior_amount > 0"
    return Rows("revenue_months", columns, expected, where=where, by=("month_start",))


def forecasts_before(frames: Frames) -> Rows:
    """Per past month and owner: what the last snapshots before it said."""
    expected = [
        {"period_start": date(*month, 1), "owner": owner, "forecast_before": amount}
        for (month, owner), amount in snapshot_forecasts(frames).items()
        if month < month_of(TODAY) and amount
    ]
    return Rows("forecasts", ["period_start", "owner", "forecast_before"], expected,
                where="forecast_before > 0", by=("period_start", "owner"))  # fmt: skip


def forecasts_now(frames: Frames) -> Rows:
    """Per month and owner: won, committed, likely and best of what is due, and the target."""
    found: dict[Any, dict[str, Any]] = {}
    names = ("won_amount", "commit_amount", "weighted_open_amount", "best", "target_amount")

    def add(month: Any, owner: str, **values: float) -> None:
        keys = {"period_start": date(*month, 1), "owner": owner}
        row = found.setdefault((month, owner), keys | dict.fromkeys(names, 0.0))
        for name, value in values.items():
            row[name] += value

    for (month, owner), amount in targets(frames).items():
        add(month, owner, target_amount=amount)
    for deal in deal_rows(frames):
        amount, category = deal["amount"] or 0.0, deal["category"]
        likely = amount * (deal["chance"] or 0.0)
        due = month_of(deal["due_date"])
        if deal["is_won"] and deal["closed_date"]:
            add(month_of(deal["closed_date"]), deal["owner"], won_amount=amount)
        if not deal["is_open"] or due is None or due < month_of(TODAY) or category == "omitted":
            continue
        if category == "commit":
            add(due, deal["owner"], commit_amount=amount)
        else:
            best = amount if category == "best_case" else likely
            add(due, deal["owner"], weighted_open_amount=likely, best=best)
    for row in found.values():
        row["worst_case_amount"] = row["won_amount"] + row["commit_amount"]
        row["best_case_amount"] = row["worst_case_amount"] + row["best"]
        row["forecast_amount"] = row["worst_case_amount"] + row["weighted_open_amount"]
    expected = [row for row in found.values() if row["best_case_amount"] + row["target_amount"]]
    columns = ["period_start", "owner", "won_amount", "commit_amount", "weighted_open_amount",
               "worst_case_amount", "best_case_amount", "forecast_amount",
               "target_amount"]  # fmt: skip
    return Rows("forecasts", columns, expected, where="best_case_amount + target_amount > 0",
                by=("period_start", "owner"))  # fmt: skip

"""Pipeline, target, forecast, revenue and activity KPIs in plain Python, month by month."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import pandas as pd

from tests.oracles.sales import (
    TODAY,
    Frames,
    by_id,
    change_order,
    closed_on,
    day,
    deal_rows,
    ratio,
    rows_of,
    stage_odds,
)

Month = tuple[int, int]


def month_of(when: date | None) -> Month | None:
    return None if when is None else (when.year, when.month)


def months_between(first: date, last: date) -> list[Month]:
    return [(p.year, p.month) for p in pd.period_range(first, last, freq="M")]


def targets(frames: Frames) -> dict[tuple[Month, str], float]:
    """Target per month and owner name; '(none)' takes targets of teams and of the company."""
    users = by_id(rows_of(frames, "user"))
    quotas = [q for q in rows_of(frames, "quota") if q["measure"] == "bookings"]
    spans = [(q, months_between(day(q["period_start"]), day(q["period_end"]))) for q in quotas]
    found: dict[tuple[Month, str], float] = defaultdict(float)
    for quota, months in spans:
        share = quota["target_amount"] / len(months)
        for month in months:
            others = [q for q, span in spans if month in span]
            if quota["owner_id"]:
                found[month, users[quota["owner_id"]]["name"]] += share
            elif quota["team_id"]:
                manned = any(
                    q["owner_id"]
                    and (q["team_id"] or users[q["owner_id"]]["team_id"]) == quota["team_id"]
                    for q in others
                )
                found[month, "(none)"] += 0.0 if manned else share
            else:
                split = any(q["owner_id"] or q["team_id"] for q in others)
                found[month, "(none)"] += 0.0 if split else share
    return found


def target_kpis(frames: Frames) -> dict[str, float | None]:
    target = targets(frames)
    months = {month for month, _ in target}
    deals = deal_rows(frames)
    amount = sum(target.values())
    won = sum(
        d["amount"] or 0 for d in deals if d["is_won"] and month_of(d["closed_date"]) in months
    )
    due = sum(d["amount"] or 0 for d in deals if d["is_open"] and month_of(d["due_date"]) in months)
    sized = not deals or any(d["amount"] is not None for d in deals)
    opened = [d for d in deals if d["is_open"]]
    dated = not opened or any(d["due_date"] for d in opened)
    return {
        "target_attainment": ratio(won, amount) if sized else None,
        "pipeline_coverage": due / (amount - won) if sized and dated and amount > won else None,
    }


def forecast_kpis(frames: Frames) -> dict[str, float | None]:
    """Forecast of all periods; of those that are over, by month and owner, accuracy with its parts:
    the sum of errors (missed) and of what was won (sold)."""
    deals = deal_rows(frames)
    total, actual = 0.0, defaultdict(float)
    for deal in deals:
        amount = deal["amount"] or 0.0
        if deal["is_won"] and deal["closed_date"]:
            actual[month_of(deal["closed_date"]), deal["owner"]] += amount
            total += amount
        due = month_of(deal["due_date"])
        if not deal["is_open"] or due is None or due < month_of(TODAY):
            continue
        if deal["category"] == "commit":
            total += amount
        elif deal["category"] != "omitted":
            total += amount * (deal["chance"] or 0.0)
    before = snapshot_forecasts(frames)
    over = {month for month, _ in before if month < month_of(TODAY)}
    pairs = {key for key in [*before, *actual] if key[0] in over}
    missed = sum(abs(before[key] - actual[key]) for key in pairs)
    sold = sum(actual[key] for key in pairs)
    return {
        "forecast_amount": total,
        "forecast_accuracy": max(0.0, 1 - missed / sold) if sold > 0 else None,
        "missed": missed,
        "sold": sold,
    }


def snapshot_forecasts(frames: Frames) -> dict[tuple[Month, str], float]:
    """Month and owner -> what the last snapshots taken before the month say it will bring."""
    users, stages = by_id(rows_of(frames, "user")), by_id(rows_of(frames, "stage"))
    odds = stage_odds(frames)
    latest: dict[tuple[Any, ...], date] = {}
    for row in rows_of(frames, "forecast_snapshot"):
        taken, start = day(row["snapshot_date"]), day(row["period_start"])
        if taken < start:
            key = (start, "deals" if row["opportunity_id"] else row["owner_id"])
            latest[key] = max(taken, latest.get(key, taken))
    before: dict[tuple[Month, str], float] = defaultdict(float)
    for row in rows_of(frames, "forecast_snapshot"):
        taken, start = day(row["snapshot_date"]), day(row["period_start"])
        key = (start, "deals" if row["opportunity_id"] else row["owner_id"])
        if latest.get(key) != taken:
            continue
        stage = stages.get(row["stage_id"])
        chance = odds.get(row["stage_id"])
        if chance is None and stage:
            chance = stage["probability"]
        weight = {"commit": 1.0, "closed": 1.0, "omitted": 0.0}.get(row["forecast_category"])
        weight = (chance or 0.0) if weight is None else weight
        before[month_of(start), users[row["owner_id"]]["name"]] += row["amount_base"] * weight
    return before


def stood_at(frames: Frames, when: date) -> list[dict[str, Any]]:
    """The deals open at the end of a past day, with stage and amount as they stood then."""
    stages = by_id(rows_of(frames, "stage"))
    changes = rows_of(frames, "opportunity_history")
    deals = rows_of(frames, "opportunity")
    found = []
    for deal in deals:
        created, closed = day(deal["created_at"]), closed_on(deal)
        if created is None or created > when:
            continue
        if deal["status"] != "open" and (closed is None or closed <= when):
            continue
        own = [c for c in changes if c["opportunity_id"] == deal["id"] and c["changed_at"]]
        known = [c for c in own if day(c["changed_at"]) <= when]
        known.sort(key=change_order)
        last = known[-1] if known else {}
        # where a deal that has ended stood is told by history only
        still = deal["status"] == "open"
        stage = last.get("stage_id") or (deal["stage_id"] if still else None)
        # a history with amounts tells of a moment without one that there was none
        has_amounts = known and any(c["amount"] is not None for c in own)
        if stage in stages and stages[stage]["is_closed"]:
            continue
        found.append({
            "opportunity_id": deal["id"],
            "stage_id": stage,
            "amount": last["amount"] if has_amounts else deal["amount"],
            "expected_close_date": last.get("expected_close_date") or deal["expected_close_date"],
            "probability": first_known(
                last.get("probability"),
                deal["probability"] if still and not last.get("stage_id") else None,
            ),
        })  # fmt: skip
    return found


def first_known(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)


def velocity(frames: Frames) -> float | None:
    """Open deals now x win rate x deal size / cycle of the twelve months up to today."""
    deals = deal_rows(frames)
    start = date(TODAY.year - 1, TODAY.month + 1, 1)
    end = date(TODAY.year, TODAY.month, 30)
    recent = [d for d in deals if d["closed_date"] and start <= d["closed_date"] <= end]
    won = [d for d in recent if d["is_won"]]
    sized = [d["amount"] for d in won if d["amount"] is not None]
    cycles = [d["cycle_days"] for d in won if d["cycle_days"] is not None]
    if not sized or not sum(cycles):
        return None
    size, cycle = sum(sized) / len(sized), sum(cycles) / len(cycles)
    return sum(d["is_open"] for d in deals) * len(won) / len(recent) * size / cycle


def growth(frames: Frames) -> float | None:
    """Won in the last twelve months to today over the twelve before, less one."""
    won = [d for d in deal_rows(frames) if d["is_won"] and d["closed_date"]]
    first = min((month_of(d["closed_date"]) for d in won), default=None)
    start = date(TODAY.year - 1, TODAY.month + 1, 1)
    now = before = 0.0
    for deal in won:
        closed, amount = deal["closed_date"], deal["amount"] or 0.0
        later = date(closed.year + 1, closed.month, min(closed.day, 28))
        if start <= closed <= date(TODAY.year, TODAY.month, 30):
            comparable = (closed.year - 1, closed.month) >= first
            now += amount if comparable else 0.0
        if start <= later <= TODAY - timedelta(days=TODAY.day - 1) or (
            month_of(later) == month_of(TODAY) and closed.day <= TODAY.day
        ):
            before += amount
    return ratio(now - before, before)


def activity_kpis(frames: Frames) -> dict[str, float | None]:
    activities = rows_of(frames, "activity")
    done = [a for a in activities if a["status"] == "completed"]
    out = [a for a in done if a["direction"] == "outbound"]
    promised = [a for a in activities if a["due_at"] and a["status"] != "cancelled"]
    due = [a for a in promised if day(a["due_at"]) <= TODAY or a["status"] == "completed"]
    late = [a for a in activities if a["status"] == "open" and a["due_at"]]
    return {
        "calls_made": sum(a["activity_type"] == "call" for a in out),
        "emails_sent": sum(a["activity_type"] == "email" and not a["ticket_id"] for a in out),
        "meetings_booked": sum(a["activity_type"] == "meeting" for a in activities),
        "overdue_tasks": sum(day(a["due_at"]) < TODAY for a in late),
        "follow_ups_completed": ratio(sum(a["status"] == "completed" for a in due), len(due)),
    }

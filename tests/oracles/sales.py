"""Sales KPIs computed deal by deal in plain Python, from the definitions in the catalogue.

Frames are those of `sales_frames`; every function returns one dict per row of the fact it checks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

TODAY = date(2026, 6, 30)
Rows = list[dict[str, Any]]
Frames = Mapping[str, pd.DataFrame]


def rows_of(frames: Frames, entity: str) -> Rows:
    """The rows of an entity with None for every missing value."""
    if entity not in frames:
        return []
    records = frames[entity].astype(object).to_dict("records")
    return [{k: None if pd.isna(v) else v for k, v in row.items()} for row in records]


def by_id(rows: Rows) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in rows}


def day(moment: Any) -> date | None:
    return None if moment is None else pd.Timestamp(moment).date()


def ratio(top: float, bottom: float) -> float | None:
    return top / bottom if bottom else None


def mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def closed_on(deal: Mapping[str, Any]) -> date | None:
    if deal["status"] == "open":
        return None
    return day(deal["closed_at"]) or day(deal["expected_close_date"])


def stays_of(changes: Rows, deal: Mapping[str, Any]) -> list[tuple[str, date, float | None]]:
    """Each recorded stretch of a deal in a stage: the stage, its first day, days until the next."""
    rows = sorted(changes, key=change_order)
    ordered: Rows = []
    for row in rows:
        if not ordered or ordered[-1]["stage_id"] != row["stage_id"]:
            ordered.append(row)
    found = []
    for position, change in enumerate(ordered, start=1):
        following = ordered[position] if position < len(ordered) else None
        began = pd.Timestamp(change["changed_at"])
        if following is not None:
            days = (following["changed_at"] - began).total_seconds() / 86400
        elif deal["status"] == "open":
            days = float((TODAY - began.date()).days)
        else:
            ended = deal["closed_at"]
            known = ended is not None and ended >= began
            days = (ended - began).total_seconds() / 86400 if known else None
        found.append((change["stage_id"], began.date(), days))
    return found


def stage_rows(frames: Frames) -> Rows:
    """What `opportunity_stages` must hold."""
    stages = by_id(rows_of(frames, "stage"))
    changes = defaultdict(list)
    for change in rows_of(frames, "opportunity_history"):
        if change["stage_id"] is None or change["changed_at"] is None:
            continue
        changes[change["opportunity_id"]].append(change)
    found = []
    for deal in rows_of(frames, "opportunity"):
        at = stages.get(deal["stage_id"])
        pipeline = at["pipeline_id"] if at else deal["pipeline_id"]
        own = [s for s in stages.values() if s["pipeline_id"] == pipeline]
        steps = {s["id"]: s["display_order"] for s in own if not s["is_closed"]}
        last = max(steps.values(), default=0) + 1
        stays = [s for s in stays_of(changes[deal["id"]], deal) if s[0] in steps]
        if not stays:
            continue
        recorded = any(not c["is_reconstructed"] for c in changes[deal["id"]])
        # (how far, when) for each time the deal stood somewhere
        path = [(steps[stage], began) for stage, began, _ in stays]
        won = deal["status"] == "won" and at is not None and at["is_won"]
        if won:
            path.append((last, closed_on(deal)))
        furthest = max(order for order, _ in path)
        for stage in own:
            if stage["is_closed"] and not stage["is_won"]:
                continue
            order = last if stage["is_won"] else stage["display_order"]
            here = [days for name, _, days in stays if name == stage["id"]]
            visited = bool(here) or (stage["is_won"] and won and stage["id"] == deal["stage_id"])
            if order > furthest or not (visited or (recorded and stage["is_active"])):
                continue
            entered = [when for o, when in path if o >= order and when is not None]
            advanced = furthest > order and not stage["is_won"]
            still = deal["status"] == "open" and not advanced and not stage["is_won"]
            known = [days for days in here if days is not None]
            found.append({
                "opportunity_id": deal["id"],
                "stage_id": stage["id"],
                "entered_date": min(entered) if entered else None,
                "days_in_stage": sum(known) if known else None,
                "is_advanced": int(advanced),
                "is_in_progress": int(still),
                "is_mature": int(not still and not stage["is_won"]),
                "is_skipped": int(not visited),
                "status": deal["status"],
            })  # fmt: skip
    return found


def stage_odds(frames: Frames) -> dict[str, float]:
    """Stage -> share of the closed deals that came to it which were won."""
    closed = defaultdict(list)
    for row in stage_rows(frames):
        if row["status"] != "open":
            closed[row["stage_id"]].append(row["status"] == "won")
    return {stage: float(np.mean(won)) for stage, won in closed.items()}


def usual_days(frames: Frames) -> dict[str, float]:
    """Stage -> 75th percentile of the days that won deals stood in it."""
    days = defaultdict(list)
    for row in stage_rows(frames):
        if row["status"] == "won" and row["days_in_stage"] is not None:
            days[row["stage_id"]].append(row["days_in_stage"])
    return {stage: float(np.percentile(found, 75)) for stage, found in days.items()}


def deal_rows(frames: Frames) -> Rows:
    """What `opportunities` must hold."""
    stages = by_id(rows_of(frames, "stage"))
    users = by_id(rows_of(frames, "user"))
    odds, usual = stage_odds(frames), usual_days(frames)
    stood = {(r["opportunity_id"], r["stage_id"]): r["days_in_stage"] for r in stage_rows(frames)}
    activities, leads = defaultdict(list), defaultdict(list)
    for activity in rows_of(frames, "activity"):
        activities[activity["opportunity_id"]].append(activity)
    for lead in rows_of(frames, "lead"):
        leads[lead["converted_opportunity_id"]].append(lead)
    return [
        _deal_row(
            deal,
            stages.get(deal["stage_id"]),
            users.get(deal["owner_id"]),
            odds.get(deal["stage_id"]),
            usual.get(deal["stage_id"]),
            stood.get((deal["id"], deal["stage_id"])),
            activities[deal["id"]],
            leads[deal["id"]],
            bool(stages),
        )
        for deal in rows_of(frames, "opportunity")
    ]


def _deal_row(
    deal: dict[str, Any],
    stage: dict[str, Any] | None,
    user: dict[str, Any] | None,
    odds: float | None,
    usual: float | None,
    stood: float | None,
    activities: Rows,
    leads: Rows,
    is_staged: bool,
) -> dict[str, Any]:
    is_open, won, lost = (deal["status"] == s for s in ("open", "won", "lost"))
    closed, created = closed_on(deal), day(deal["created_at"])
    due = day(deal["expected_close_date"])
    done = [
        (a, day(a["occurred_at"]) or day(a["completed_at"]) or day(a["created_at"]))
        for a in activities
        if a["status"] == "completed"
    ]
    talks = [d for a, d in done if a["activity_type"] in ("call", "email", "meeting") and d]
    starts = [d for lead in leads if (d := day(lead["created_at"]))]
    until = TODAY if is_open else (closed or TODAY)
    first = min((d for d in talks + starts if d <= until), default=created)
    worked = [d for _, d in done if d] + [d for d in [day(deal["last_activity_at"])] if d]
    seen = max((d for d in worked if d <= TODAY), default=None)
    last = seen or created
    planned = [
        day(a["due_at"]) or day(a["scheduled_at"]) for a in activities if a["status"] == "open"
    ] + [day(deal["next_activity_at"])]
    ahead = [d for d in planned if d and d >= TODAY]
    cycle = (closed - first).days if won and closed and first else None
    since = day(deal["stage_entered_at"]) or created
    if stood is None and since:
        stood = float((TODAY - since).days)
    stuck = usual is not None and stood is not None and stood > usual
    quiet = last is not None and (TODAY - last).days > 14
    chance = odds
    if chance is None:
        chance = deal["probability"]
    if chance is None and stage:
        chance = stage["probability"]
    problem = None
    known = (None, stage["pipeline_id"]) if stage else ()
    if (is_staged or stage) and deal["pipeline_id"] not in known:
        problem = "stage is not in its pipeline"
    elif is_open and due is not None and due < TODAY:
        problem = "expected close date has passed"
    elif won and not deal["amount"]:
        problem = "won without an amount"
    elif lost and not deal["loss_reason"]:
        problem = "lost without a reason"
    return {
        "opportunity_id": deal["id"],
        "owner": user["name"] if user else "(none)",
        "team_id": user["team_id"] if user else None,
        "is_open": int(is_open),
        "is_won": int(won),
        "is_lost": int(lost),
        "amount": deal["amount"],
        "category": deal["forecast_category"] or "pipeline",
        "chance": chance,
        "days_in_stage": stood if is_open else None,
        "win_probability": chance if is_open else float(won),
        "created_date": created,
        "closed_date": closed,
        "due_date": due,
        "cycle_days": cycle if cycle is not None and cycle >= 0 else None,
        "first_contact_date": first,
        "last_activity_date": seen,
        "next_activity_date": min(ahead, default=None),
        "is_with_next_step": int(is_open and bool(ahead)),
        "is_stalled": int(is_open and (stuck or quiet)),
        "problem": problem,
        "is_wrong_stage": int(problem is not None),
    }


def deal_kpis(deals: Rows) -> dict[str, float | None]:
    """KPIs of the fact opportunities over `deals`."""
    won = [d for d in deals if d["is_won"]]
    closed = [d for d in deals if d["is_won"] or d["is_lost"]]
    open_ = [d for d in deals if d["is_open"]]
    return {
        "win_rate": ratio(len(won), len(closed)),
        "average_deal_size": mean([d["amount"] for d in won if d["amount"] is not None]),
        "sales_cycle_length": mean([d["cycle_days"] for d in won if d["cycle_days"] is not None]),
        "next_step_coverage": ratio(sum(d["is_with_next_step"] for d in open_), len(open_)),
        "stalled_deals": sum(d["is_stalled"] for d in open_),
        "stage_hygiene": ratio(sum(d["is_wrong_stage"] for d in deals), len(deals)),
        "lost_deals": len(closed) - len(won),
        "opportunities_created": len(deals),
    }


def change_order(change: dict[str, Any]) -> tuple[Any, ...]:
    """At one moment what ends there comes first, and the stage after the other fields."""
    until, at = change.get("valid_to"), change["changed_at"]
    ends = until is not None and not pd.isna(until) and until <= at
    return at, not ends, change["field"] == "stage", change["id"]

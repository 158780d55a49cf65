"""Which meetings were qualified, meeting by meeting, from the definition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from tests.oracles.leads import rows
from tests.oracles.marketing_frames import Dice
from tests.oracles.workbench import TODAY

Frames = Mapping[str, pd.DataFrame]
ENTITIES = ("opportunity", "opportunity_contact", "lead", "activity")


def random_meetings(seed: int, more: int = 0) -> dict[str, pd.DataFrame]:
    """Meetings with contacts of few deals and leads, so that many fit, often on the very day.

    `more`: people and leads beyond four and three, most leads qualified and converted.
    """
    dice = Dice(seed)
    some = dice.some
    days = [TODAY - pd.Timedelta(days=n) for n in (1, 5, 9, 9, 20, 40)]

    def moment(missing: float = 0.0) -> pd.Timestamp | None:
        day = some(days, missing)
        return None if day is None else dice.at(day)

    people, deals = [f"c{i}" for i in range(4 + more)], ["o0", "o1", "o2"]
    leads, unknown = [f"l{i}" for i in range(3 + more)], (0.5, 0.3) if more else (0.6, 0.5)
    opportunities = []
    for key in deals:
        status = some(["open", "won", "lost"], 0.0)
        opportunities.append({
            "id": key, "name": key, "status": status, "created_at": moment(0.1),
            "closed_at": None if status == "open" else moment(0.3),
            "expected_close_date": some(days, 0.2), "primary_contact_id": some(people, 0.4),
        })  # fmt: skip
    return {
        "opportunity": pd.DataFrame(opportunities),
        "opportunity_contact": pd.DataFrame([
            {"id": f"x{i}", "opportunity_id": some([*deals, "gone"], 0.0),
             "contact_id": some(people, 0.0)}
            for i in range(3)
        ]),
        "lead": pd.DataFrame([
            {"id": key, "status": "open", "sql_at": moment(unknown[0]),
             "converted_at": moment(unknown[1]),
             "converted_contact_id": some(people, 0.5)}
            for key in leads
        ]),
        "activity": pd.DataFrame(
            [
                {"id": f"m{i:02}", "activity_type": some(["meeting"] * 4 + ["call"], 0.0),
                 "status": some(["completed", "completed", "completed", "open", "cancelled"], 0.0),
                 "contact_id": some(people, 0.4), "lead_id": some([*leads, "gone"], 0.6),
                 "opportunity_id": some([*deals, "gone"], 0.6), "occurred_at": moment(0.3),
                 "completed_at": moment(0.4), "scheduled_at": moment(0.4),
                 "created_at": moment(0.2)}
                for i in range(dice.size(50))
            ],
            columns=[
                "id", "activity_type", "status", "contact_id", "lead_id", "opportunity_id",
                "occurred_at", "completed_at", "scheduled_at", "created_at",
            ],
        ),
    }  # fmt: skip


def held_on(meeting: dict[str, Any]) -> date | None:
    for name in ("occurred_at", "completed_at", "scheduled_at", "created_at"):
        if meeting[name] is not None:
            found: date = meeting[name].date()
            return found
    return None


def was_open(deal: dict[str, Any], day: date) -> bool:
    """From the day it was created to the day it was closed; a closing nobody dated ends nothing."""
    if deal["created_at"] is None or day < deal["created_at"].date():
        return False
    if deal["status"] == "open":
        return True
    closed = None if deal["closed_at"] is None else deal["closed_at"].date()
    closed = closed or deal["expected_close_date"]
    return closed is None or day <= pd.Timestamp(closed).date()


def was_qualified(lead: dict[str, Any], day: date) -> bool:
    """By sales, or converted where that day is not known."""
    since = lead["sql_at"] if lead["sql_at"] is not None else lead["converted_at"]
    return since is not None and since.date() <= day


def qualified_meetings(frames: Frames) -> set[str]:
    """Ids of the meetings that count."""
    deals, leads = rows(frames["opportunity"]), rows(frames["lead"])
    people = defaultdict(set)
    for deal in deals:
        people[deal["id"]].add(deal["primary_contact_id"])
    for link in rows(frames["opportunity_contact"]):
        people[link["opportunity_id"]].add(link["contact_id"])
    found = set()
    for meeting in rows(frames["activity"]):
        day = held_on(meeting)
        if meeting["activity_type"] != "meeting" or meeting["status"] != "completed" or not day:
            continue
        who = meeting["contact_id"]
        for deal in deals:
            is_about = meeting["opportunity_id"] == deal["id"]
            if was_open(deal, day) and (is_about or (who and who in people[deal["id"]])):
                found.add(meeting["id"])
        for lead in leads:
            is_about = meeting["lead_id"] == lead["id"]
            if was_qualified(lead, day) and (
                is_about or (who and who == lead["converted_contact_id"])
            ):
                found.add(meeting["id"])
    return found


def meeting_kpis(frames: Frames) -> dict[str, float | None]:
    """The KPI over the whole frames."""
    return {"qualified_meetings": float(len(qualified_meetings(frames)))}

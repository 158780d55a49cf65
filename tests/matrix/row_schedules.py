"""What facts hold where users and teams work by schedules of their own, minute by minute."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pandas as pd

from tests.matrix.rows import Rows
from tests.oracles.leads import SLA_MINUTES, rows
from tests.oracles.schedules import TEAMS, USERS, open_minutes, schedule_of
from tests.oracles.workbench import TODAY

Frames = dict[str, pd.DataFrame]


def schedule_rows(given: Any) -> Iterator[Rows]:
    """Times of tickets and leads by the hours of their owners, without the waits."""
    frames = dict(given)
    yield holders()
    yield waits(frames)
    yield replies(frames)
    yield responses(frames)


def holders() -> Rows:
    found = [
        {"holder_type": "user", "holder_id": key, "holder_name": name,
         "schedule": schedule_of(key, team)}
        for key, (name, _, team, own) in USERS.items() if own
    ]  # fmt: skip
    team = {"holder_type": "team", "holder_id": "night", "holder_name": TEAMS["night"],
            "schedule": schedule_of(None, "night")}  # fmt: skip
    return Rows("schedules", list(team), [*found, team])


def waits(frames: Frames) -> Rows:
    tickets = {ticket["id"]: ticket for ticket in rows(frames["ticket"])}
    found = []
    for event in rows(frames["ticket_event"]):
        ticket = tickets[event["ticket_id"]]
        hours = schedule_of(ticket["owner_id"], ticket["team_id"])
        found.append({
            "ticket_id": ticket["id"],
            "waiting_hours": open_minutes(hours, event["occurred_at"], ticket["solved_at"]) / 60,
        })  # fmt: skip
    return Rows("ticket_waits", ["ticket_id", "waiting_hours"], found)


def replies(frames: Frames) -> Rows:
    waited = {row["ticket_id"]: row["waiting_hours"] for row in waits(frames).expected}
    found = []
    for ticket in rows(frames["ticket"]):
        hours = schedule_of(ticket["owner_id"], ticket["team_id"])
        asked, reply, solved = (
            ticket[name] for name in ("created_at", "first_response_at", "solved_at")
        )
        found.append({
            "ticket_id": ticket["id"],
            "first_response_hours": open_minutes(hours, asked, reply) / 60,
            "resolution_hours": open_minutes(hours, asked, solved) / 60
            - waited.get(ticket["id"], 0.0),
        })  # fmt: skip
    return Rows("tickets", list(found[0]), found)


def responses(frames: Frames) -> Rows:
    """A lead that is not answered is judged up to last midnight."""
    midnight = datetime.combine(TODAY, datetime.min.time())
    found = []
    for lead in rows(frames["lead"]):
        hours, reply = schedule_of(lead["owner_id"]), lead["first_response_at"]
        minutes = open_minutes(hours, lead["created_at"], reply or midnight)
        late = reply is None and minutes > SLA_MINUTES
        found.append({
            "lead_id": lead["id"], "response_minutes": minutes if reply else None,
            "is_answered": int(reply is not None), "is_sla_overdue": int(late),
            "hours_overdue": (minutes - SLA_MINUTES) / 60 if late else None,
        })  # fmt: skip
    return Rows("lead_responses", list(found[0]), found)

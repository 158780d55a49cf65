"""SLA compliance in plain Python, from its definition; and random SLAs to try."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from tests.oracles.tickets import business_hours_between

TODAY = date(2026, 6, 30)
COUNTED = ("first_reply", "resolution")
#: clocks that stop while the other side is waited for, nobody here knows when
STOPPING = ("requester_wait", "agent_work")
WEEK = dict.fromkeys(range(1, 6), (540, 1020))


def verdict(sla: Mapping[str, Any], ticket: Mapping[str, Any]) -> str | None:
    """met, missed, or None when not yet due, cancelled or not to be told."""
    said = {"cancelled": None, "breached": "missed", "achieved": "met"}
    if sla["status"] in said:
        return said[sla["status"]]
    done = done_at(sla, ticket)
    breached = _known(sla["breached_at"])
    if breached and breached.date() <= TODAY and (done is None or breached < done):
        return "missed"
    due, elapsed = _known(sla["due_at"]), _known(sla["elapsed_minutes"])
    if done is not None and due is not None:
        return "missed" if done > due else "met"
    if elapsed is not None and elapsed > sla["target_minutes"]:
        return "missed"
    if done is not None and elapsed is not None:
        return "met"
    if done is None and sla["status"] == "paused":
        return None
    if due is not None:
        return "missed" if due.date() < TODAY else None
    in_time = minutes_run(sla, done) <= sla["target_minutes"]
    if in_time:
        return None if done is None else "met"
    return None if sla["metric"] in STOPPING else "missed"


def minutes_run(sla: Mapping[str, Any], done: Any) -> float:
    """Minutes by the clock of the SLA from its start until it was done, or until last midnight."""
    until = pd.Timestamp(TODAY) if done is None else done
    if sla["is_business_hours"]:
        return 60 * business_hours_between(sla["applied_at"], until, WEEK, (), "UTC")
    return float((until - sla["applied_at"]).total_seconds() / 60)


def minutes_late(sla: Mapping[str, Any], done: Any) -> float:
    """Minutes past the due moment, or past the target where no due moment is told."""
    due = _known(sla["due_at"])
    if due is None:
        return minutes_run(sla, done) - float(sla["target_minutes"])
    until = pd.Timestamp(TODAY) if done is None else done
    return float((until - due).total_seconds() / 60)


def done_at(sla: Mapping[str, Any], ticket: Mapping[str, Any]) -> Any:
    """When the promise was kept, by the SLA itself or by its ticket; None when it was not."""
    done = _known(sla["fulfilled_at"])
    if done is None and sla["metric"] == "first_reply":
        done = _known(ticket["first_response_at"])
    if done is None and ticket["status"] == "solved":
        done = _known(ticket["solved_at"])
    return done


def compliance(frames: Mapping[str, pd.DataFrame], world: str) -> float | None:
    """Tickets of a world that missed no SLA, over tickets with one due."""
    tickets = {t["id"]: t for t in frames["ticket"].to_dict("records") if t["channel"] == world}
    due, missed = set(), set()
    for sla in frames["ticket_sla"].to_dict("records"):
        if sla["ticket_id"] not in tickets or sla["metric"] not in COUNTED:
            continue
        outcome = verdict(sla, tickets[sla["ticket_id"]])
        if outcome:
            due.add(sla["ticket_id"])
        if outcome == "missed":
            missed.add(sla["ticket_id"])
    return len(due - missed) / len(due) if due else None


def _known(value: Any) -> Any:
    return None if value is None or pd.isna(value) else value


def random_slas(seed: int, worlds: int = 30) -> dict[str, pd.DataFrame]:
    """Frames of tickets and SLAs; the world of a ticket is its channel."""
    rng = np.random.default_rng(seed)
    tickets: list[dict[str, Any]] = []
    slas: list[dict[str, Any]] = []

    def maybe(chance: float, days: float, start: datetime) -> datetime | None:
        return (
            start + timedelta(minutes=int(rng.exponential(days) * 1440))
            if rng.random() < chance
            else None
        )

    for world in range(worlds):
        for number in range(int(rng.choice([1, 1, 3, 8]))):
            key = f"w{world:02}-{number}"
            created = datetime(2026, 6, 10) + timedelta(minutes=int(rng.integers(0, 18 * 1440)))
            tickets.append(
                {
                    "id": key,
                    "channel": f"w{world:02}",
                    "status": str(rng.choice(["open", "solved"])),
                    "created_at": created,
                    "first_response_at": maybe(0.6, 0.5, created),
                    "solved_at": maybe(0.9, 2, created),
                }
            )
            for turn in range(int(rng.choice([0, 1, 2, 3]))):
                slas.append(
                    {
                        "id": f"{key}-s{turn}",
                        "ticket_id": key if rng.random() < 0.95 else "gone",
                        "metric": str(
                            rng.choice(["first_reply", "resolution", "next_reply", "agent_work"])
                        ),
                        "target_minutes": float(rng.choice([60, 480, 2880])),
                        "is_business_hours": bool(rng.random() < 0.5),
                        "applied_at": created,
                        "due_at": maybe(0.7, 3, created),
                        "fulfilled_at": maybe(0.4, 2, created),
                        "breached_at": maybe(0.2, 2, created),
                        "elapsed_minutes": float(rng.integers(1, 3000))
                        if rng.random() < 0.4
                        else None,
                        "status": str(
                            rng.choice(
                                [
                                    "active",
                                    "active",
                                    "active",
                                    "paused",
                                    "achieved",
                                    "breached",
                                    "cancelled",
                                ]
                            )
                        ),
                    }
                )
    columns = [
        "id",
        "ticket_id",
        "metric",
        "target_minutes",
        "is_business_hours",
        "applied_at",
        "due_at",
        "fulfilled_at",
        "breached_at",
        "elapsed_minutes",
        "status",
    ]
    return {"ticket": pd.DataFrame(tickets), "ticket_sla": pd.DataFrame(slas, columns=columns)}

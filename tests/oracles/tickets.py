"""Tickets and their KPIs in plain Python, from the definitions; and random tickets to try.

Business time is counted by walking over the days of the zone and cutting each day's open hours, as
moments of UTC, out of the time between, which is not how the SQL does it. Each random ticket
belongs to a world, kept in `channel`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from statistics import mean, median
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

TODAY = date(2026, 6, 30)
ZONE = "Europe/Berlin"
WEEK = {1: (540, 1020), 2: (540, 1020), 3: (480, 1200), 4: (540, 1020), 5: (540, 900)}
HOLIDAYS = (date(2026, 5, 14), date(2026, 5, 25))
RESOLVED = ("solved", "closed")


def business_hours_between(
    start: datetime,
    end: datetime,
    week: Mapping[int, tuple[int, int]] = WEEK,
    holidays: Sequence[date] = HOLIDAYS,
    zone: str = ZONE,
) -> float:
    """Hours that passed between two UTC times while it was open in the zone, to the second;
    negative when they are swapped."""
    if end < start:
        return -business_hours_between(end, start, week, holidays, zone)
    first, last = (t.replace(microsecond=0, tzinfo=timezone.utc) for t in (start, end))
    passed = timedelta(0)
    for opening, closing in open_times(first, last, week, holidays, ZoneInfo(zone)):
        passed += max(min(last, closing) - max(first, opening), timedelta(0))
    return passed / timedelta(hours=1)


def open_times(
    first: datetime,
    last: datetime,
    week: Mapping[int, tuple[int, int]],
    holidays: Sequence[date],
    zone: ZoneInfo,
) -> Iterator[tuple[datetime, datetime]]:
    """When it opens and closes on each local day from `first` to `last`, in UTC."""
    day = first.astimezone(zone).date()
    while day <= last.astimezone(zone).date():
        if day not in holidays and day.isoweekday() in week:
            opening, closing = (
                datetime.combine(
                    day + timedelta(days=m // 1440), time(m % 1440 // 60, m % 60), zone
                )
                for m in week[day.isoweekday()]
            )
            yield opening.astimezone(timezone.utc), closing.astimezone(timezone.utc)
        day += timedelta(days=1)


def local(moment: Any, zone: str = ZONE) -> datetime | None:
    """Wall-clock time in the reporting zone of a UTC moment."""
    if moment is None or pd.isna(moment):
        return None
    return pd.Timestamp(moment, tz="UTC").tz_convert(zone).tz_localize(None).to_pydatetime()


def describe(frames: Mapping[str, pd.DataFrame], zone: str = ZONE) -> pd.DataFrame:
    """One row per ticket: what the definitions say of it (None where they say nothing)."""
    events = frames["ticket_event"].sort_values(["occurred_at", "id"], kind="stable")
    per_ticket = {key: part.to_dict("records") for key, part in events.groupby("ticket_id")}
    rows = [
        _describe(t, per_ticket.get(t["id"], []), zone)
        for t in frames["ticket"].to_dict("records")
        if t["status"] != "merged"
    ]
    return pd.DataFrame(rows, dtype=object)


def _describe(ticket: dict[str, Any], events: list[dict[str, Any]], zone: str) -> dict[str, Any]:
    created = ticket["created_at"]
    talk = [
        e for e in events if e["event_type"] in ("public_reply", "private_note", "requester_reply")
    ]
    answers = [
        e["occurred_at"]
        for e in talk
        if e["event_type"] == "public_reply"
        and e["actor_type"] == "agent"
        and (pd.isna(created) or e["occurred_at"] > created)
    ]
    first, replies = (answers[0] if answers else None), len(answers)
    if not talk:
        first = ticket["first_response_at"]
        if pd.isna(first) or pd.isna(created) or first < created:
            first = None
        replies = None if pd.isna(ticket["reply_count"]) else ticket["reply_count"]
    seen = [
        e
        for e in events
        if e["event_type"] == "status"
        and e["old_value"] in RESOLVED
        and e["new_value"] not in RESOLVED
    ]
    told = 0 if pd.isna(ticket["reopen_count"]) else ticket["reopen_count"]
    resolved = ticket["status"] in RESOLVED
    done = ticket["solved_at"] if not pd.isna(ticket["solved_at"]) else ticket["closed_at"]
    done = done if resolved and not pd.isna(done) else None
    start = local(created, zone)
    in_order = start is not None and done is not None and done >= created
    return {
        "ticket_id": ticket["id"],
        "world": ticket["channel"],
        "created": start.date() if start else None,
        "resolved": local(done, zone).date() if done is not None else None,
        "is_resolved": resolved,
        "replied": first,
        "first_response_hours": business_hours_between(created, first, zone=zone)
        if first is not None and start
        else None,
        "resolution_hours": business_hours_between(created, done, zone=zone) if in_order else None,
        "replies": replies,
        "reopens": max(told, len(seen)),
    }


def kpis(
    tickets: pd.DataFrame, middle: Callable[[list[Any]], float] = median
) -> dict[str, float | None]:
    """The ticket KPIs over some rows of `describe`; `middle` is the mean where that stands in."""
    rows = tickets.to_dict("records")
    waits = [r["first_response_hours"] for r in rows if r["first_response_hours"] is not None]
    times = [r["resolution_hours"] for r in rows if r["resolution_hours"] is not None]
    known = [r for r in rows if r["is_resolved"] and r["replies"] is not None]
    once = [r for r in known if r["replies"] == 1 and r["reopens"] == 0]
    return {
        "ticket_volume": len(rows),
        "first_response_time": middle(waits) if waits else None,
        "resolution_time": mean(times) if times else None,
        "first_contact_resolution": len(once) / len(known) if known else None,
        "follow_ups_per_ticket": sum(max(r["replies"] - 1, 0) for r in known) / len(known)
        if known
        else None,
    }


def backlog(tickets: pd.DataFrame, day: date) -> int:
    """Tickets open at the end of `day`."""
    count = 0
    for row in tickets.to_dict("records"):
        if row["created"] is None or row["created"] > day:
            continue
        ended = (row["resolved"] or row["created"]) if row["is_resolved"] else None
        count += ended is None or ended > day
    return count


def random_tickets(seed: int, worlds: int = 20) -> dict[str, pd.DataFrame]:
    """Frames of tickets and their events: messy on purpose."""
    rng = np.random.default_rng(seed)
    tickets: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []

    def some(moment: datetime, days: float) -> datetime:
        seconds = int(rng.exponential(days) * 86400)
        return moment + timedelta(seconds=seconds)

    for world in range(worlds):
        for number in range(int(rng.choice([1, 1, 2, 5, 12]))):
            key = f"w{world:02}-{number}"
            created = datetime(2026, 4, 20) + timedelta(seconds=int(rng.integers(0, 70 * 86400)))
            status = str(rng.choice(["new", "open", "pending", "solved", "closed", "merged"]))
            solved = some(created, 3) if rng.random() < 0.9 else None
            if solved and rng.random() < 0.05:
                solved = created - timedelta(hours=5)
            if solved and solved > datetime(2026, 6, 30, 12):
                solved = datetime(2026, 6, 30, 12)
            tickets.append(
                {
                    "id": key,
                    "source_system": "desk",
                    "source_id": key,
                    "channel": f"w{world:02}",
                    "status": status,
                    "priority": str(rng.choice(["low", "high"])),
                    "created_at": created if rng.random() < 0.97 else None,
                    "solved_at": solved,
                    "closed_at": some(solved, 2) if solved and rng.random() < 0.5 else None,
                    "first_response_at": some(created, 0.4) if rng.random() < 0.7 else None,
                    "reply_count": int(rng.integers(0, 4)) if rng.random() < 0.8 else None,
                    "reopen_count": int(rng.integers(0, 2)) if rng.random() < 0.5 else None,
                }
            )
            for turn in range(int(rng.choice([0, 0, 1, 3, 5]))):
                kind = str(
                    rng.choice(["public_reply", "requester_reply", "private_note", "status"])
                )
                events.append(
                    {
                        "id": f"{key}-e{turn}",
                        "ticket_id": key,
                        "occurred_at": created if rng.random() < 0.1 else some(created, 0.8),
                        "actor_type": str(rng.choice(["agent", "system"])),
                        "event_type": kind,
                        "old_value": str(rng.choice(["open", "solved", "closed"])),
                        "new_value": str(rng.choice(["open", "solved", "on_hold"])),
                    }
                )
    columns = [
        "id",
        "ticket_id",
        "occurred_at",
        "actor_type",
        "event_type",
        "old_value",
        "new_value",
    ]
    return {"ticket": pd.DataFrame(tickets), "ticket_event": pd.DataFrame(events, columns=columns)}

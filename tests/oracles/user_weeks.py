"""Adoption KPIs in plain Python, from their definitions; and random users to try.

The world of a user is its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

TODAY = date(2026, 6, 30)
LOGGED_ELSEWHERE = {"activity", "task", "event", "call", "email", "meeting", "note"}


def monday(moment: Any) -> date:
    """The Monday of the week a UTC moment falls in."""
    day = pd.Timestamp(moment).date()
    return day - timedelta(days=day.weekday())


def log_of(
    frames: Mapping[str, pd.DataFrame], user: Mapping[str, Any]
) -> dict[date, dict[str, int]]:
    """Week -> counts, for every week in which the user is seen."""
    log: dict[date, dict[str, int]] = {}

    def note(moment: Any, *what: str) -> None:
        if not pd.isna(moment) and pd.Timestamp(moment).date() <= TODAY:
            week = log.setdefault(monday(moment), {"logins": 0, "work": 0, "activities": 0})
            for one in what:
                week[one] += 1

    for row in _rows(frames["user_login"], "user_id", user):
        if row["status"] == "success":
            note(row["logged_in_at"], "logins")
    for row in _rows(frames["crm_action"], "user_id", user):
        counts = row["action"] != "read" and row["object_type"] not in LOGGED_ELSEWHERE
        note(row["occurred_at"], *["work"] * counts)
    for row in _rows(frames["activity"], "owner_id", user):
        logged = row["occurred_at"] if pd.isna(row["created_at"]) else row["created_at"]
        note(logged, "work", "activities")
    note(user["last_login_at"])
    return log


def weeks_of(
    frames: Mapping[str, pd.DataFrame], user: Mapping[str, Any]
) -> dict[date, dict[str, int]]:
    """Week -> counts, for every week from joining to leaving (or to now)."""
    log = log_of(frames, user)
    begin = min([monday(user["created_at"]), *log])
    if user["is_active"]:
        end = monday(TODAY)
    elif not pd.isna(user["deactivated_at"]):
        end = monday(user["deactivated_at"])
    else:
        end = max(log, default=monday(user["created_at"]))
    count = (end - begin).days // 7 + 1
    return {week: log.get(week, {}) for week in (begin + timedelta(weeks=n) for n in range(count))}


def kpis(frames: Mapping[str, pd.DataFrame], world: str, since: date) -> dict[str, float | None]:
    """Adoption KPIs of one source over the weeks from `since` on."""
    licensed, active = set(), set()
    logins = active_weeks = work = seats = 0
    users = [user for user in frames["user"].to_dict("records") if user["source_system"] == world]
    logged = [counts for user in users for counts in log_of(frames, user).values()]
    if not logged:  # nobody knows whether they work
        return dict.fromkeys(("user_adoption_rate", "login_frequency", "activity_per_user"))
    logs_in, works = (any(week[kind] for week in logged) for kind in ("logins", "work"))
    for user in users:
        has_seat = user["is_licensed"] is None or bool(user["is_licensed"])
        for week, counts in weeks_of(frames, user).items():
            if week < since:
                continue
            active_weeks += bool(counts)
            logins += counts.get("logins", 0)
            if has_seat:
                licensed.add(user["id"])
                seats += 1
                work += counts.get("work", 0)
                if counts:
                    active.add(user["id"])
    return {
        "user_adoption_rate": len(active) / len(licensed) if licensed else None,
        "login_frequency": logins / active_weeks if active_weeks and logs_in else None,
        "activity_per_user": work / seats if seats and works else None,
    }


def _rows(frame: pd.DataFrame, column: str, user: Mapping[str, Any]) -> list[dict[str, Any]]:
    return frame[frame[column] == user["id"]].to_dict("records")


def random_users(seed: int, worlds: int = 20) -> dict[str, pd.DataFrame]:
    """Frames of users and what they did."""
    rng = np.random.default_rng(seed)
    users: list[dict[str, Any]] = []
    done: dict[str, list[dict[str, Any]]] = {"user_login": [], "crm_action": [], "activity": []}

    def moment() -> datetime:
        return datetime(2026, 4, 1) + timedelta(minutes=int(rng.integers(0, 90 * 1440)))

    def pick(*options: Any) -> Any:
        return options[int(rng.integers(0, len(options)))]

    for world in range(worlds):
        for number in range(int(rng.choice([1, 1, 3, 6]))):
            key = f"w{world:02}-{number}"
            is_active = bool(rng.random() < 0.7)
            users.append(
                {
                    "id": key,
                    "name": key,
                    "source_system": f"w{world:02}",
                    "created_at": moment(),
                    "is_active": is_active,
                    "is_licensed": pick(True, True, False, None),
                    "deactivated_at": None if is_active else pick(None, datetime(2026, 6, 24)),
                    "last_login_at": pick(None, moment()),
                }
            )
            for turn in range(int(rng.choice([0, 2, 9]))):
                row = {"id": f"{key}-{turn}", "user_id": key}
                done["user_login"].append(
                    {**row, "logged_in_at": moment(), "status": pick("success", "failure")}
                )
                done["crm_action"].append(
                    {
                        **row,
                        "occurred_at": moment(),
                        "action": pick("read", "create", "update"),
                        "object_type": pick("account", "task", "lead"),
                    }
                )
                done["activity"].append(
                    {"id": f"{key}-{turn}", "owner_id": key, "created_at": pick(None, moment()),
                     "occurred_at": pick(None, moment())}
                )  # fmt: skip
    frame = pd.DataFrame(users)
    frame["is_licensed"] = pd.Series([user["is_licensed"] for user in users], dtype=object)
    return {"user": frame, **{name: pd.DataFrame(rows) for name, rows in done.items()}}

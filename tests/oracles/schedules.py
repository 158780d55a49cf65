"""Whose hours count for a ticket or lead, and how long they are, in Python; and random ones."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from superset_crmkpi.connectors.profile_source import profile_rows
from superset_crmkpi.profile.schema import Profile

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOLIDAY = date(2026, 5, 4)
HOURS = {
    "default": {"days": dict.fromkeys(WEEKDAYS[:5], "09:00-17:00")},
    "late": {
        "days": dict.fromkeys(WEEKDAYS[:6], "12:00-20:30"),
        "teams": ["NIGHT"],
        "users": ["Ann@company.example", "eve@company.example"],
    },
    "short": {
        "days": {"monday": "08:00-12:00", "wednesday": "08:00-12:00"},
        "holidays": [HOLIDAY],
        "users": ["Bob", "Eve"],
    },
}
TEAMS = {"day": "Day", "night": "Night"}
#: id -> name, e-mail, team, schedule
USERS = {
    "ann": ("Ann", "ann@company.example", None, "late"),
    "bob": ("Bob", "bob@company.example", "night", "short"),  # his own comes before the team's
    "cat": ("Cat", None, "night", "late"),
    "dan": ("Dan", "dan@company.example", "day", None),
    "eve": ("Eve", "eve@company.example", None, "late"),  # by address before by name
}


def schedule_of(owner: str | None, team: str | None = None) -> str:
    own = USERS[owner][3] if owner else None
    return own or ("late" if team == "night" else "default")


def open_minutes(schedule: str, begin: datetime, end: datetime) -> int:
    """Minutes from one moment to the other in which the schedule is open."""
    hours: dict[str, Any] = HOURS[schedule]
    if end < begin:
        return -open_minutes(schedule, end, begin)
    total, day = 0, begin.date()
    while day <= end.date():
        text = hours["days"].get(WEEKDAYS[day.weekday()])
        if text and day not in hours.get("holidays", ()):
            opens, closes = (
                datetime.combine(day, datetime.strptime(part, "%H:%M").time())
                for part in text.split("-")
            )
            within = min(closes, end) - max(opens, begin)
            total += max(0, int(within.total_seconds() // 60))
        day += timedelta(days=1)
    return total


def random_frames(seed: int) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    profile = Profile.model_validate(
        {"database": {"name": "x"}, "sources": {"crm": {"connector": "sql"}},
         "business_hours": HOURS}
    )  # fmt: skip

    def pick(values: list[Any]) -> Any:
        return values[int(rng.integers(len(values)))]

    def later(begin: datetime, days: int) -> datetime:
        return begin + timedelta(minutes=int(rng.integers(days * 1440)))

    owners = [*USERS, None]
    tickets, waits, leads = [], [], []
    for i in range(60):
        begin = later(datetime(2026, 4, 20), 20)
        reply = later(begin, 4)
        solved = later(reply, 6)
        tickets.append({
            "id": f"t{i}", "status": "solved", "created_at": begin, "first_response_at": reply,
            "solved_at": solved, "owner_id": pick(owners), "team_id": pick(["day", "night", None]),
        })  # fmt: skip
        if rng.random() < 0.5:
            waits.append({
                "id": f"e{i}", "ticket_id": f"t{i}", "event_type": "status", "old_value": "open",
                "new_value": "pending", "occurred_at": later(reply, 1),
            })  # fmt: skip
        made = later(datetime(2026, 4, 20), 20)
        leads.append({
            "id": f"l{i}", "created_at": made, "status": "new", "owner_id": pick(owners),
            "first_response_at": later(made, 5) if rng.random() < 0.7 else None,
        })  # fmt: skip
    users = [
        {"id": key, "name": name, "email": email, "team_id": team, "is_active": True}
        for key, (name, email, team, _) in USERS.items()
    ]
    rows = {
        "user": users,
        "team": [{"id": key, "name": name} for key, name in TEAMS.items()],
        "business_hours": profile_rows(profile)["business_hours"],
        "ticket": tickets,
        "ticket_event": waits,
        "lead": leads,
    }
    return {name: pd.DataFrame(found) for name, found in rows.items()}

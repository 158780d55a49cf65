"""The effect of training in plain Python: each trained user against the others of the same weeks.

Weeks are Mondays. The world is that of user_weeks (what is a week of a user, active or not) and of
records (what is a required field, filled or not).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from tests.oracles.records import REQUIRED, required, scope
from tests.oracles.user_weeks import TODAY, monday, weeks_of

WEEKS = 8
Frames = Mapping[str, pd.DataFrame]


def training_kpis(frames: Frames, weeks: int = WEEKS) -> dict[str, float | None]:
    """The KPI over all frames."""
    halves = [half for half in effects(frames, weeks) if half is not None]
    return {"training_effectiveness": sum(halves) / len(halves) if halves else None}


def effects(frames: Frames, weeks: int = WEEKS) -> tuple[float | None, float | None]:
    """Effect on adoption and on completeness, in points."""
    cohorts = list(compared(frames, weeks))
    return _effect(cohorts, "active"), _effect(cohorts, "fields")


def _effect(cohorts: list[tuple[list[Any], list[Any]]], half: str) -> float | None:
    """Both sides' change of a share; others are averaged per cohort, times those trained in it."""
    total = {(side, when, part): 0.0 for side in (0, 1) for when in (0, 1) for part in (0, 1)}
    for trained, others in cohorts:
        mine = [user[half] for user in trained if user[half] is not None]
        rest = [user[half] for user in others if user[half] is not None]
        if not mine or not rest:
            continue
        for side, users in enumerate((mine, rest)):
            for when in (0, 1):
                for part in (0, 1):
                    mean = sum(user[when][part] for user in users) / len(users)
                    total[side, when, part] += mean * len(mine)
    if not total[0, 0, 1] or not total[1, 0, 1]:
        return None
    share = {
        (side, when): total[side, when, 0] / total[side, when, 1]
        for side in (0, 1)
        for when in (0, 1)
    }
    return 100 * ((share[0, 1] - share[0, 0]) - (share[1, 1] - share[1, 0]))


def compared(frames: Frames, weeks: int) -> list[tuple[list[Any], list[Any]]]:
    """(trained, others) of each course and week whose weeks after are over."""
    if "training_completion" not in frames or "user" not in frames:
        return []
    done: dict[tuple[str, str], date] = {}
    for row in frames["training_completion"].to_dict("records"):
        if not pd.isna(row["completed_at"]):
            key, week = (row["user_id"], row["course"]), monday(row["completed_at"])
            done[key] = min(week, done.get(key, week))
    users = {
        user["id"]: weeks_of(frames, user)
        for user in frames["user"].to_dict("records")
        if user["is_licensed"] is None or bool(user["is_licensed"])
    }
    fields = fields_of(frames)
    found = []
    for course, week in sorted({(course, week) for (_, course), week in done.items()}):
        last = week + timedelta(weeks=weeks)
        if last >= monday(TODAY):
            continue
        trained, others = [], []
        for user, log in users.items():
            if week - timedelta(weeks=weeks) not in log or last not in log:
                continue
            finished = done.get((user, course))
            sides = _sides(log, fields.get(user, {}), week, weeks)
            if finished == week:
                trained.append(sides)
            elif finished is None or finished > last:
                others.append(sides)
        found.append((trained, others))
    return found


def _sides(log: Any, fields: Any, week: date, weeks: int) -> dict[str, Any]:
    """(part, whole) before and after, of weeks active and of fields filled (None: one is empty)."""
    spans = [[week + timedelta(weeks=sign * n) for n in range(1, weeks + 1)] for sign in (-1, 1)]
    active = tuple((sum(bool(log[w]) for w in span), weeks) for span in spans)
    filled = tuple(
        (
            sum(fields.get(w, (0, 0))[0] for w in span),
            sum(fields.get(w, (0, 0))[1] for w in span),
        )
        for span in spans
    )
    return {"active": active, "fields": filled if filled[0][1] and filled[1][1] else None}


def fields_of(frames: Frames) -> dict[str, dict[date, tuple[int, int]]]:
    """Owner -> week of creation -> (fields filled, fields required)."""
    found: dict[str, dict[date, tuple[int, int]]] = {}
    empty = {name: pd.DataFrame() for name in REQUIRED}
    for name, row in scope({**empty, **frames}):
        owner = row["owner_id"]
        if owner is None or pd.isna(owner):
            continue
        weeks = found.setdefault(owner, {})
        week = monday(row["created_at"])
        filled, whole = weeks.get(week, (0, 0))
        have = sum(required(row, column) is not None for column in REQUIRED[name])
        weeks[week] = (filled + have, whole + len(REQUIRED[name]))
    return found


def random_trainings(seed: int) -> dict[str, pd.DataFrame]:
    """Users who come and go, log in, take courses twice, and create half-empty records."""
    rng = np.random.default_rng(seed)

    def pick(*options: Any) -> Any:
        return options[int(rng.integers(0, len(options)))]

    def moment(weeks: int = 26) -> datetime:
        return datetime(2026, 6, 30, 12) - timedelta(minutes=int(rng.integers(0, weeks * 10080)))

    names = [f"u{n}" for n in range(pick(0, 2, 8, 14))]
    users, log, done, leads, accounts = [], [], [], [], []
    for name in names:
        is_active = bool(rng.random() < 0.8)
        users.append({
            "id": name, "name": pick(name, "Same Name"), "is_active": is_active,
            "created_at": moment(60), "is_licensed": pick(True, True, True, False, None),
            "deactivated_at": None if is_active else pick(None, moment(10)), "last_login_at": None,
        })  # fmt: skip
        for n in range(int(rng.integers(0, 30))):
            status = pick("success", "success", "failure")
            log.append({"id": f"{name}-{n}", "user_id": name, "status": status,
                        "logged_in_at": moment()})  # fmt: skip
        for n in range(int(rng.integers(0, 4))):
            done.append({"id": f"{name}-{n}", "user_id": name, "course": pick("Basics", "Reports"),
                         "completed_at": pick(None, moment(), *[datetime(2026, 4, 8, 9)] * 2,
                                              datetime(2026, 4, 29, 9))})  # fmt: skip
    for n in range(20 * len(names)):
        common = {"owner_id": pick(*names, None), "created_at": moment(30)}
        leads.append(common | {
            "id": f"l{n}", "status": pick("open", "open", "converted"),
            "last_name": pick("Doe", "test"), "company_name": pick("Acme", None),
            "email": pick("d@x.io", "-"), "lead_source": pick("web", None),
        })  # fmt: skip
        accounts.append(common | {
            "id": f"a{n}", "name": pick("Acme", "n/a"), "industry": pick("retail", None),
            "country_code": "DE", "website_domain": pick("x.io", None),
        })  # fmt: skip
    user = pd.DataFrame(users, columns=["id", "name", "is_active", "created_at", "is_licensed",
                                        "deactivated_at", "last_login_at"])  # fmt: skip
    user["is_licensed"] = pd.Series([row["is_licensed"] for row in users], dtype=object)
    return {
        "user": user,
        "user_login": pd.DataFrame(log, columns=["id", "user_id", "status", "logged_in_at"]),
        "crm_action": pd.DataFrame(columns=["user_id", "occurred_at", "action", "object_type"]),
        "activity": pd.DataFrame(columns=["owner_id", "created_at"]),
        "training_completion": pd.DataFrame(
            done, columns=["id", "user_id", "course", "completed_at"]
        ),
        "lead": pd.DataFrame(leads),
        "account": pd.DataFrame(accounts),
    }

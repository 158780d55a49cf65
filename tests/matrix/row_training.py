"""What the facts of adoption and training hold row by row, from the definitions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pandas as pd

from tests.matrix.rows import Rows
from tests.oracles import user_weeks
from tests.oracles.labels import labels_of
from tests.oracles.leads import rows
from tests.oracles.tickets import TODAY
from tests.oracles.training_effects import compared

Frames = dict[str, pd.DataFrame]


#: as in cases
TRAINING_WEEKS = 3


def course_rows(given: Any) -> Iterator[Rows]:
    """Users and courses: assigned first, finished first, the best score."""
    frames = dict(given)
    yield from labels_of(frames, "trainings")
    taken: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows(frames["training_completion"]):
        taken[row["user_id"], row["course"]].append(row)
    found = []
    for (user, course), own in taken.items():
        first = [row["assigned_at"] or row["created_at"] or row["completed_at"] for row in own]
        assigned = min((moment.date() for moment in first if moment), default=None)
        done = min((row["completed_at"].date() for row in own if row["completed_at"]), default=None)
        is_open = done is None
        days_open = (TODAY - assigned).days if is_open and assigned else None
        found.append({
            "user_id": user, "course": course, "assigned_date": assigned, "completed_date": done,
            "score": max((row["score"] for row in own if row["score"] is not None), default=None),
            "training_status": "open" if is_open else "finished", "days_open": days_open,
            "is_finished": int(not is_open), "is_unfinished": int(is_open),
            "next_action": "Finish the course" if is_open else "(none)",
        })  # fmt: skip
    yield Rows("trainings", list(found[0]), found)


def user_rows(given: Any) -> Iterator[Rows]:
    """Users and weeks: logins and work done."""
    frames = dict(given)
    yield from labels_of(frames, "user_weeks")
    found = []
    users = frames["user"].to_dict("records")
    logged: dict[str, list[dict[str, int]]] = {}
    for user in users:
        own = user_weeks.log_of(frames, user).values()
        logged.setdefault(user["source_system"], []).extend(own)
    for user in users:
        has_seat = user["is_licensed"] is None or bool(user["is_licensed"])
        of_source = logged[user["source_system"]]
        if not of_source:
            continue

        def count(kind: str, counts: dict[str, int], told: Any = of_source) -> int | None:
            return counts.get(kind, 0) if any(week[kind] for week in told) else None

        for week, counts in user_weeks.weeks_of(frames, user).items():
            work = count("work", counts)
            found.append({
                "user_id": user["id"], "week_date": week, "is_licensed": int(has_seat),
                "is_active": int(bool(counts)), "logins": count("logins", counts),
                "work_done": work, "activities": count("activities", counts),
                "licensed_work_done": work if has_seat or work is None else 0,
            })  # fmt: skip
    yield Rows("user_weeks", list(found[0]), found)


def everybody_trained(frames: Frames) -> Frames:
    """All users finish one more course on one day."""
    more = pd.DataFrame([
        {"id": f"all-{user}", "user_id": user, "course": "Everybody",
         "completed_at": pd.Timestamp("2026-04-15 09:00")} for user in frames["user"]["id"]
    ])  # fmt: skip
    frames["training_completion"] = pd.concat(
        [frames["training_completion"], more], ignore_index=True
    )
    return frames


def effect_rows(given: Any) -> Iterator[Rows]:
    """Users who were trained count where there is somebody to compare them with."""
    cohorts = compared(dict(given), TRAINING_WEEKS)
    trained = sum(len(mine) for mine, others in cohorts if others)
    found = [
        {"training": "trained", "is_trained": trained},
        {"training": "not trained", "is_trained": 0},
    ]
    yield Rows("training_effects", ["training", "is_trained"], found, by=("training",))

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
    for user in frames["user"].to_dict("records"):
        has_seat = user["is_licensed"] is None or bool(user["is_licensed"])
        for week, counts in user_weeks.weeks_of(frames, user).items():
            work = counts.get("work", 0)
            found.append({
                "user_id": user["id"], "week_date": week, "is_licensed": int(has_seat),
                "is_active": int(bool(counts)), "logins": counts.get("logins", 0),
                "work_done": work, "activities": counts.get("activities", 0),
                "licensed_work_done": work if has_seat else 0,
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

"""Who finished the training, user by user, from the definition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

import pandas as pd

from tests.oracles.leads import rows, share
from tests.oracles.marketing_frames import Dice

Frames = Mapping[str, pd.DataFrame]
ENTITIES = ("user", "team", "training_completion")
COURSES = ("Basics", "Reports", "Pipeline")
LONG_AGO = date(2000, 1, 1)


def random_courses(seed: int) -> dict[str, pd.DataFrame]:
    """Users who take courses once, twice or never; some records name neither day."""
    dice = Dice(seed)
    users = [f"u{i}" for i in range(8)]
    taken = [
        {
            "id": f"t{i}", "user_id": dice.some([*users, "gone"], 0.0),
            "course": dice.some(COURSES, 0.0), "assigned_at": dice.moment(200, 0.2),
            "created_at": dice.moment(200, 0.3), "completed_at": dice.moment(150, 0.4),
            "score": dice.some([50.0, 90.0]),
        }
        for i in range(dice.size(30))
    ]  # fmt: skip
    columns = ["id", "user_id", "course", "assigned_at", "created_at", "completed_at", "score"]
    return {
        "user": pd.DataFrame([{"id": key, "name": f"User {key}"} for key in users]),
        "training_completion": pd.DataFrame(taken, columns=columns),
    }


def training_completion(
    frames: Frames, course: str | None = None, since: date = LONG_AGO
) -> float | None:
    """Users without an open course over users assigned one, of those assigned from `since` on."""
    assigned: dict[tuple[str, str], list[date]] = defaultdict(list)
    finished = set()
    for row in rows(frames["training_completion"]):
        key = (row["user_id"], row["course"])
        known = [row[n] for n in ("assigned_at", "created_at", "completed_at") if row[n]]
        assigned[key] += [moment.date() for moment in known[:1]]
        if row["completed_at"] is not None:
            finished.add(key)
    own = [
        key
        for key, days in assigned.items()
        if course in (None, key[1]) and (since == LONG_AGO or (days and min(days) >= since))
    ]
    late = {user for user, name in own if (user, name) not in finished}
    users = {user for user, _ in own}
    return share(len(users - late), len(users))


def training_kpis(frames: Frames) -> dict[str, float | None]:
    """The KPI over the whole frames."""
    return {"training_completion": training_completion(frames)}

"""How old the newest change of each source and entity is, record by record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from tests.oracles.leads import rows
from tests.oracles.workbench import TODAY

Frames = Mapping[str, pd.DataFrame]
#: entity -> the dates that tell when a record came, where its vendor keeps no changes
OWN_DATES = {
    "account": (), "contact": (), "lead": (), "opportunity": (), "activity": (), "ticket": (),
    "campaign_member": ("responded_at",), "email_event": ("occurred_at",),
    "marketing_spend": ("spend_date",), "survey_response": ("responded_at",),
    "subscription": ("start_date",), "invoice": ("issued_date",),
    "product_usage_event": ("occurred_at", "event_date"), "user_login": ("logged_in_at",),
}  # fmt: skip
DATES = {"spend_date", "start_date", "issued_date", "event_date"}


def random_changes(seed: int) -> dict[str, pd.DataFrame]:
    """A few records of two systems and of none in each entity, some without any date."""
    rng = np.random.default_rng(seed)

    def moment(missing: float, name: str) -> Any:
        if rng.random() < missing:
            return None
        at = pd.Timestamp(TODAY) - pd.Timedelta(hours=int(rng.integers(-60, 900)))
        return at.date() if name in DATES else at

    frames = {}
    for entity, own in OWN_DATES.items():
        found = []
        for i in range(int(rng.integers(0, 4))):
            row = {"id": f"{entity}{i}", "source_system": rng.choice(["one", "two", ""]) or None}
            row |= {name: moment(0.5, name) for name in own}
            created = moment(0.4, "created_at")
            later = timedelta(hours=int(rng.integers(0, 200)))
            row["created_at"] = created
            row["updated_at"] = None if created is None or rng.random() < 0.5 else created + later
            found.append(row)
        columns = ["id", "source_system", "created_at", "updated_at", *own]
        frames[entity] = pd.DataFrame(found, columns=columns)
    return frames


def newest(frames: Frames) -> dict[tuple[str, str], date | None]:
    """(source, entity) -> day of the newest change; None where no record has any date."""
    found: dict[tuple[str, str], date | None] = {}
    for entity, own in OWN_DATES.items():
        for row in rows(frames[entity]) if entity in frames else []:
            key = (row.get("source_system") or "(none)", entity)
            names = ("updated_at", "created_at", *own)
            seen = next((row[n] for n in names if row.get(n) is not None), None)
            day = None if seen is None else pd.Timestamp(seen).date()
            days = [d for d in (found.get(key), day) if d is not None]
            found[key] = max(days, default=None)
    return found


def data_freshness(
    frames: Frames, source: str | None = None, entity: str | None = None
) -> float | None:
    """Hours of the stalest in view."""
    days = [
        day
        for (system, name), day in newest(frames).items()
        if day is not None and source in (None, system) and entity in (None, name)
    ]
    return max((24.0 * max(0, (TODAY - day).days) for day in days), default=None)


def freshness_kpis(frames: Frames) -> dict[str, float | None]:
    """The KPI over the whole frames."""
    return {"data_freshness": data_freshness(frames)}

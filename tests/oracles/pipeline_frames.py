"""Random histories of deals: dates and amounts that move, deals that are reopened, and the faults
of real CRMs (no history, one that begins late, no amount, no date, a close before the creation)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

#: in the middle of a month, so that the running periods are to date
TODAY = date(2026, 5, 12)
#: for the setting `pipeline_change_months`: less than the deals are old
MONTHS = 18
START = pd.Timestamp("2024-09-01")
ENTITIES = ("user", "team", "account", "pipeline", "stage", "lead", "opportunity",
            "opportunity_history")  # fmt: skip
RATES = {"EUR": 1.0, "USD": 0.8, "CHF": None}
STAGES = [
    {"id": f"{pipeline}-{name}", "pipeline_id": pipeline, "name": f"{name} of {pipeline}",
     "display_order": order, "is_closed": name in ("won", "lost"), "is_won": name == "won",
     "is_active": True}
    for pipeline in ("p1", "p2")
    for order, name in enumerate(("new", "offer", "talks", "won", "lost"), start=1)
]  # fmt: skip


def pipeline_frames(seed: int, deals: int = 40, faults: float = 0.3) -> dict[str, pd.DataFrame]:
    """Frames of ENTITIES but of leads, the same for the same seed; `faults` is the share of deals
    whose records have one."""
    rng = np.random.default_rng(seed)
    made = [_faulty(rng, *_deal(rng, f"o{number:02}"), faults) for number in range(deals)]
    users = [{"id": f"u{i}", "name": name, "team_id": team}
             for i, (name, team) in enumerate([("Ada", "t1"), ("Ben", "t1"), ("Cem", "t2"),
                                               ("Dee", None)])]  # fmt: skip
    rows: dict[str, list[dict[str, Any]]] = {
        "team": [{"id": "t1", "name": "North"}, {"id": "t2", "name": "South"}],
        "user": users,
        "account": [{"id": f"c{i}", "name": f"Account {i}", "region": _one(rng, ["north", None]),
                     "segment": _one(rng, ["small", "large"])} for i in range(4)],
        "pipeline": [{"id": "p1", "name": "Direct"}, {"id": "p2", "name": "Partner"}],
        "stage": STAGES,
        "opportunity": [deal for deal, _ in made],
        "opportunity_history": [row for _, changes in made for row in changes],
    }  # fmt: skip
    return {name: pd.DataFrame(found) for name, found in rows.items()}


def _one(rng: np.random.Generator, values: list[Any]) -> Any:
    return values[int(rng.integers(0, len(values)))]


def _day(moment: pd.Timestamp, days: int) -> date:
    return (moment + timedelta(days=days)).date()


def _deal(rng: np.random.Generator, name: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    now = pd.Timestamp(TODAY) + pd.Timedelta(hours=9)
    pipeline = _one(rng, ["p1", "p1", "p2"])
    at = START + pd.Timedelta(minutes=int(rng.integers(0, 600 * 1440)))
    created = at
    amount = _one(rng, [None, 100.0, float(rng.integers(1, 9_000_000)) / 100])
    due = _one(rng, [None, *[_day(at, int(rng.integers(0, 260))) for _ in range(6)]])
    stage, changes = f"{pipeline}-new", []

    def write(field: str, moment: pd.Timestamp) -> None:
        changes.append({
            "id": f"{name}-{len(changes):02}", "opportunity_id": name, "field": field,
            "changed_at": moment, "stage_id": stage, "amount": amount, "expected_close_date": due,
            "is_reconstructed": False,
        })  # fmt: skip

    write("stage", at)
    closed, status = None, "open"
    for _ in range(int(rng.integers(0, 16))):
        at += pd.Timedelta(minutes=int(_one(rng, [0, 90, rng.integers(0, 25 * 1440)])))
        if at > now:
            break
        what = _one(rng, ["due", "due", "amount", "amount", "amount", "stage", "close"])
        if status != "open":
            if rng.random() < 0.5:
                break
            what, status, closed = "stage", "open", None  # reopened
        if what == "due":
            moved = _one(rng, [-70, -20, 5, 30, 45, 120, None])
            due = None if moved is None else _day(pd.Timestamp(due or at), moved)
            write("expected_close_date", at)
        elif what == "amount":
            amount = _one(rng, [None, 50.0, float(rng.integers(1, 9_000_000)) / 100])
            write("amount", at)
        elif what == "stage":
            stage = f"{pipeline}-{_one(rng, ['offer', 'talks'])}"
            write("stage", at)
        else:
            status, closed = _one(rng, ["won", "lost"]), at
            stage = f"{pipeline}-{status}"
            if rng.random() < 0.6:  # as most CRMs do, in the same moment
                due = at.date()
                write("expected_close_date", at)
            write("stage", at)
    currency = _one(rng, ["EUR", "EUR", "USD", "CHF"])
    rate = RATES[currency]
    known = amount is not None and rate is not None
    deal = {
        "id": name, "name": f"Deal {name}", "created_at": created, "status": status,
        "owner_id": _one(rng, ["u0", "u1", "u2", "u3", None]),
        "account_id": _one(rng, ["c0", "c1", "c2", "c3", None]),
        "pipeline_id": pipeline, "stage_id": stage, "amount": amount, "currency": currency,
        "amount_base": amount * rate if known else None, "expected_close_date": due,
        "closed_at": closed, "lead_source": _one(rng, ["web", None]),
        "opportunity_type": _one(rng, ["new_business", None]),
    }  # fmt: skip
    return deal, changes


def _faulty(
    rng: np.random.Generator, deal: dict[str, Any], changes: list[dict[str, Any]], share: float
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The deal with one of the faults of real CRMs, or without one."""
    closed, kind = deal["closed_at"], int(rng.integers(0, 6))
    if rng.random() >= share:
        return deal, changes
    if kind == 0:
        deal["created_at"] = None
    elif kind == 1 and closed is not None:
        deal["created_at"] = closed + pd.Timedelta(days=40)
    elif kind == 2 and closed is not None:
        deal["closed_at"] = _one(rng, [None, pd.Timestamp(TODAY) + pd.Timedelta(days=30)])
    elif kind == 3:
        changes = []
    elif kind == 4:  # tracked from its second change on
        changes = changes[1:]
    elif kind == 5:  # tracks the stage only
        changes = [c | {"amount": None, "expected_close_date": None} for c in changes
                   if c["field"] == "stage"]  # fmt: skip
    return deal, changes

"""Random sales data with the faults real CRMs have: nulls, gaps in history, wrong dates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

ENTITIES = (
    "user", "team", "account", "pipeline", "stage", "campaign", "opportunity",
    "opportunity_history", "opportunity_contact", "activity", "lead", "quota", "forecast_snapshot",
)  # fmt: skip
NOW = pd.Timestamp("2026-06-30 12:00")
START = pd.Timestamp("2025-01-01")
#: id, pipeline, name, order, closed, won, active
STAGES = [
    ("a1", "p1", "Qualification", 1, False, False, True),
    ("a2", "p1", "Demo", 2, False, False, True),
    ("a3", "p1", "Old step", 3, False, False, False),
    ("a4", "p1", "Proposal", 4, False, False, True),
    ("a5", "p1", "Negotiation", 5, False, False, True),
    ("aw", "p1", "Signed", 7, True, True, True),
    ("al", "p1", "Gone", 6, True, False, True),
    ("b1", "p2", "New", 10, False, False, True),
    ("b2", "p2", "Offer", 20, False, False, True),
    ("bw", "p2", "Closed", 1, True, True, True),
    ("bl", "p2", "No", 2, True, False, True),
]


def sales_frames(seed: int, deals: int | None = None) -> dict[str, pd.DataFrame]:
    """Frames of every entity in ENTITIES; the same for the same seed."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, 40)) if deals is None else deals
    opportunities, history = [], []
    for i in range(n):
        deal, changes = _deal(rng, f"o{i:02}")
        opportunities.append(deal)
        history += changes
    rows: dict[str, list[dict[str, Any]]] = {
        "team": [{"id": "t1", "name": "North"}, {"id": "t2", "name": "South"}],
        "user": [
            {"id": "u1", "name": "Ada", "team_id": "t1"},
            {"id": "u2", "name": "Ben", "team_id": "t1"},
            {"id": "u3", "name": "Cem", "team_id": "t2"},
            {"id": "u4", "name": "Dee"},
        ],
        "account": [
            {"id": f"c{i}", "name": f"Account {i}", "region": _one(rng, ["north", "south", None])}
            for i in range(4)
        ],
        "pipeline": [{"id": "p1", "name": "Direct"}, {"id": "p2", "name": "Partner"}],
        "stage": [
            dict(zip(_STAGE_COLUMNS, stage, strict=True), probability=_one(rng, [None, 0.3]))
            for stage in STAGES
        ],
        "opportunity": opportunities,
        "opportunity_history": history,
        "lead": [
            {
                "id": f"l{i}",
                "created_at": _moment(rng, 0.1),
                "lead_source": "web",
                "converted_opportunity_id": f"o{int(rng.integers(0, 40)):02}",
            }
            for i in range(int(rng.integers(0, 8)))
        ],
        "activity": [_activity(rng, i) for i in range(int(rng.integers(0, 80)))],
        "quota": [_quota(rng, i) for i in range(int(rng.integers(0, 9)))],
        "forecast_snapshot": [_snapshot(rng, i) for i in range(int(rng.integers(0, 30)))],
    }
    return {name: pd.DataFrame(found) for name, found in rows.items()}


_STAGE_COLUMNS = ("id", "pipeline_id", "name", "display_order", "is_closed", "is_won", "is_active")


def _one(rng: np.random.Generator, values: list[Any]) -> Any:
    return values[int(rng.integers(0, len(values)))]


def _moment(rng: np.random.Generator, missing: float = 0.0) -> pd.Timestamp | None:
    if rng.random() < missing:
        return None
    span = int((NOW - START).total_seconds())
    return START + pd.Timedelta(seconds=int(rng.integers(0, span)))


def _deal(rng: np.random.Generator, name: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    pipeline = _one(rng, ["p1", "p1", "p2"])
    steps = [s[0] for s in STAGES if s[1] == pipeline and not s[4]]
    status = _one(rng, ["open", "open", "won", "won", "lost"])
    created = _moment(rng)
    assert created is not None
    path = [_one(rng, steps[:2])] + [_one(rng, steps) for _ in range(int(rng.integers(0, 4)))]
    end = {"won": f"{pipeline_letter(pipeline)}w", "lost": f"{pipeline_letter(pipeline)}l"}
    if status != "open":
        path.append(end[status])
    moments = [created]
    for _ in path[1:]:
        later = moments[-1] + pd.Timedelta(seconds=int(rng.integers(0, 40 * 86400)))
        moments.append(min(later, NOW))
    amount = _one(rng, [None, 0.0, 500.0, 20000.0, float(rng.integers(1, 90000))])
    closed = moments[-1] if status != "open" and rng.random() > 0.1 else None
    if closed is not None and rng.random() < 0.1:
        closed = created - pd.Timedelta(days=3)
    due = created + pd.Timedelta(days=int(rng.integers(0, 500)))
    deal = {
        "id": name,
        "name": f"Deal {name}",
        "created_at": created if rng.random() > 0.05 else None,
        "account_id": _one(rng, ["c0", "c1", "c2", "c3", None]),
        "owner_id": _one(rng, ["u1", "u2", "u3", "u4", None]),
        "pipeline_id": _one(rng, [pipeline, pipeline, pipeline, None, "p2"]),
        "stage_id": path[-1] if rng.random() > 0.03 else "lost-in-migration",
        "status": status,
        "opportunity_type": _one(rng, ["new_business", "expansion", None]),
        "amount": amount,
        "arr_amount": _one(rng, [None, 100.0]),
        "probability": _one(rng, [None, 0.5]),
        "forecast_category": _one(rng, ["commit", "best_case", "pipeline", "omitted", None]),
        "expected_close_date": due if rng.random() > 0.1 else None,
        "closed_at": closed,
        "stage_entered_at": moments[-1] if rng.random() > 0.3 else None,
        "lead_source": _one(rng, ["web", "event", None]),
        "loss_reason": _one(rng, ["price", "", None]) if status == "lost" else None,
        "last_activity_at": _moment(rng, 0.8),
        "next_activity_at": NOW + pd.Timedelta(days=2) if rng.random() < 0.1 else None,
    }
    history = rng.random()
    if history < 0.05:
        return deal, []
    changes: list[dict[str, Any]] = [
        {
            "opportunity_id": name, "field": "stage", "changed_at": at, "stage_id": stage,
            "is_reconstructed": history < 0.2,
        }
        for stage, at in zip(path, moments, strict=True)
    ]  # fmt: skip
    if history < 0.2:  # a CRM that keeps no history: only where the deal is now
        return deal, [{**changes[-1], "id": f"{name}-0"}]
    if len(path) > 1 and rng.random() < 0.5:
        # the amount changes at the very moment of a stage change, listed with the stage before
        at = int(rng.integers(1, len(path)))
        changes.append({
            "opportunity_id": name, "field": "amount", "changed_at": moments[at],
            "stage_id": path[at - 1], "amount": 700.0, "is_reconstructed": False,
        })  # fmt: skip
    for i, change in enumerate(changes):
        change["id"] = f"{name}-{i}"
    return deal, changes


def pipeline_letter(pipeline: str) -> str:
    """Stages of p1 begin with a, those of p2 with b."""
    return "a" if pipeline == "p1" else "b"


def _activity(rng: np.random.Generator, i: int) -> dict[str, Any]:
    planned = _moment(rng)
    assert planned is not None
    planned += pd.Timedelta(days=int(rng.integers(0, 200)))
    return {
        "id": f"x{i}",
        "activity_type": _one(rng, ["call", "email", "meeting", "task", "note"]),
        "direction": _one(rng, ["outbound", "inbound", None]),
        "status": _one(rng, ["open", "completed", "completed", "cancelled"]),
        "owner_id": _one(rng, ["u1", "u3", None]),
        "opportunity_id": f"o{int(rng.integers(0, 40)):02}" if rng.random() > 0.2 else None,
        "ticket_id": _one(rng, ["k", None, None]),
        "created_at": _moment(rng, 0.1),
        "occurred_at": _moment(rng, 0.4),
        "completed_at": _moment(rng, 0.4),
        "due_at": planned if rng.random() < 0.5 else None,
        "scheduled_at": planned if rng.random() < 0.5 else None,
    }


def _quota(rng: np.random.Generator, i: int) -> dict[str, Any]:
    start = pd.Timestamp(2026, int(rng.integers(1, 10)), 1)
    months = _one(rng, [1, 3])
    owner, team = _one(rng, [("u1", None), ("u3", "t2"), ("u4", None), (None, "t1"), (None, None)])
    return {
        "id": f"q{i}",
        "owner_id": owner,
        "team_id": team,
        "period_start": start,
        "period_end": start + pd.DateOffset(months=months) - pd.Timedelta(days=1),
        "measure": _one(rng, ["bookings", "bookings", "activities"]),
        "target_amount": float(rng.integers(1, 60000)),
    }


def _snapshot(rng: np.random.Generator, i: int) -> dict[str, Any]:
    start = pd.Timestamp(2026, int(rng.integers(1, 8)), 1)
    listed = rng.random() < 0.5
    return {
        "id": f"f{i}",
        "snapshot_date": start + pd.Timedelta(days=int(rng.integers(-4, 3))),
        "period_start": start,
        "owner_id": _one(rng, ["u1", "u2", "u4"]),
        "opportunity_id": f"o{i:02}" if listed else None,
        "forecast_category": _one(rng, ["commit", "closed", "best_case", "omitted"]),
        "amount_base": float(rng.integers(0, 30000)),
        "stage_id": _one(rng, ["a2", "b2", None]),
    }

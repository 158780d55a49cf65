"""What a lead's prediction has to be: past leads alike are counted lead by lead, pair by pair."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tests.oracles.leads import lead_outcomes, rows
from tests.oracles.marketing_frames import marketing_frames

MIN_CASES = 30
ATTRIBUTES = ("source", "industry", "country")


def lead_predictions(
    frames: dict[str, pd.DataFrame], least: int = MIN_CASES
) -> list[dict[str, Any]]:
    """One dict per lead: rate, how many past leads it rests on, and by which attributes."""
    records = {lead["id"]: lead for lead in rows(frames["lead"])}
    leads = [
        outcome
        | {
            "industry": records[outcome["id"]].get("industry") or "(none)",
            "country": records[outcome["id"]].get("country_code") or "(none)",
            "status": records[outcome["id"]]["status"],
        }
        for outcome in lead_outcomes(frames)
    ]
    for lead in leads:
        lead["open"] = not (
            lead["closed_cohort"] or lead["customer"] or lead["status"] == "disqualified"
        )
        lead["rate"], lead["cases"], lead["kind"] = None, None, ()
        for depth in (3, 2, 1):
            kind = tuple(lead[name] for name in ATTRIBUTES[:depth])
            alike = [
                other for other in leads
                if other["closed_cohort"] and other["id"] != lead["id"]
                and tuple(other[name] for name in ATTRIBUTES[:depth]) == kind
            ]  # fmt: skip
            if len(alike) >= least:
                lead["rate"] = sum(other["customer"] for other in alike) / len(alike)
                lead["cases"], lead["kind"] = len(alike), kind
                break
    return leads


def predicted_lead_score(leads: list[dict[str, Any]]) -> float | None:
    scores = [100 * lead["rate"] for lead in leads if lead["open"] and lead["rate"] is not None]
    return sum(scores) / len(scores) if scores else None


def calibration(leads: list[dict[str, Any]]) -> tuple[float | None, float | None, int]:
    """Mean prediction, share that became customers, and number of decided leads with a rate."""
    tested = [lead for lead in leads if lead["closed_cohort"] and lead["rate"] is not None]
    if not tested:
        return None, None, 0
    count = len(tested)
    return (
        sum(lead["rate"] for lead in tested) / count,
        sum(lead["customer"] for lead in tested) / count,
        count,
    )


def area_under_curve(leads: list[dict[str, Any]]) -> float | None:
    """Over all pairs of a customer and a lost lead; a pair of one kind, or a tie, counts half."""
    tested = [lead for lead in leads if lead["closed_cohort"] and lead["rate"] is not None]
    pairs = [(a, b) for a in tested if a["customer"] for b in tested if not b["customer"]]
    if not pairs:
        return None
    points = 0.0
    for won, lost in pairs:
        if won["kind"] == lost["kind"] or won["rate"] == lost["rate"]:
            points += 0.5
        elif won["rate"] > lost["rate"]:
            points += 1
    return points / len(pairs)


def random_leads(seed: int) -> dict[str, pd.DataFrame]:
    """Random leads, some of them without industry or country."""
    frames = marketing_frames(seed)
    rng = np.random.default_rng(seed)
    leads = frames["lead"]
    if len(leads):
        leads["industry"] = rng.choice(["retail", "retail", "energy", None], len(leads))
        leads["country_code"] = rng.choice(["DE", "DE", None], len(leads))
    return frames

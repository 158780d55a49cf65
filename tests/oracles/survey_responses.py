"""CSAT, NPS and CES in plain Python, from their definitions; and random surveys to try."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from statistics import mean
from typing import Any

import numpy as np
import pandas as pd

TODAY = date(2026, 6, 30)


def answered(row: Mapping[str, Any]) -> bool:
    """Responded, with a score on its scale or, without a score, a category."""
    if pd.isna(row["responded_at"]):
        return False
    if pd.isna(row["score"]):
        return row["category"] is not None
    return row["scale_min"] <= row["score"] <= row["scale_max"]


def satisfied(row: Mapping[str, Any]) -> bool:
    """In the top two boxes of the scale."""
    if pd.isna(row["score"]):
        return row["category"] == "satisfied"
    boxes = row["scale_max"] - row["scale_min"] + 1
    if boxes == 2:
        return row["score"] == row["scale_max"]
    if boxes <= 11:
        return row["score"] in (row["scale_max"], row["scale_max"] - 1)
    return (row["score"] - row["scale_min"]) / (row["scale_max"] - row["scale_min"]) >= 3 / 5


def kpis(rows: list[dict[str, Any]], high_means: str = "effort") -> dict[str, float | None]:
    """csat, nps and ces over some surveys."""
    answers = [row for row in rows if answered(row)]
    csat = [satisfied(row) for row in answers if row["survey_type"] == "csat"]
    efforts = [
        row["score"]
        if high_means == "effort"
        else row["scale_min"] + row["scale_max"] - row["score"]
        for row in answers
        if row["survey_type"] == "ces" and not pd.isna(row["score"])
    ]
    marks = [mark for mark in map(nps_mark, last_nps(rows)) if mark is not None]
    return {
        "csat": sum(csat) / len(csat) if csat else None,
        "nps": 100 * mean(marks) if marks else None,
        "ces": mean(efforts) if efforts else None,
    }


def last_nps(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of each contact and quarter the last NPS answer."""
    last: dict[Any, dict[str, Any]] = {}
    answers = [row for row in rows if answered(row) and row["survey_type"] == "nps"]
    for row in sorted(answers, key=lambda row: (row["responded_at"], row["id"])):
        quarter = (row["responded_at"].year, (row["responded_at"].month - 1) // 3)
        last[(row["contact_id"] or row["id"], quarter)] = row
    return list(last.values())


def nps_mark(row: Mapping[str, Any]) -> int | None:
    """1 promoter, 0 passive, -1 detractor, None not an NPS answer."""
    if row["scale_max"] == 10 and not pd.isna(row["score"]):
        return 1 if row["score"] in (9, 10) else -1 if row["score"] <= 6 else 0
    return {"promoter": 1, "passive": 0, "detractor": -1}.get(row["category"])


def random_surveys(seed: int, worlds: int = 30) -> dict[str, pd.DataFrame]:
    """Frames of surveys; the world of a survey is its account."""
    rng = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for world in range(worlds):
        for number in range(int(rng.choice([1, 2, 6, 20]))):
            kind = str(rng.choice(["csat", "nps", "ces"]))
            low, high = {
                "csat": [(1, 5), (0, 1), (1, 7), (0, 100)],
                "ces": [(1, 7)],
                "nps": [(0, 10), (0, 10), (1, 5)],
            }[kind][int(rng.integers(0, 12)) % {"csat": 4, "ces": 1, "nps": 3}[kind]]
            category = {
                "csat": ["satisfied", "neutral"],
                "ces": ["easy"],
                "nps": ["promoter", "passive", "detractor"],
            }[kind]
            sent = datetime(2025, 11, 1) + timedelta(minutes=int(rng.integers(0, 200 * 1440)))
            rows.append(
                {
                    "id": f"w{world:02}-{number:02}",
                    "survey_type": kind,
                    "score": float(rng.integers(low, high + 2)) if rng.random() < 0.9 else None,
                    "scale_min": low,
                    "scale_max": high,
                    "category": str(rng.choice(category)) if rng.random() < 0.5 else None,
                    "account_id": f"w{world:02}",
                    "contact_id": f"w{world:02}-p{rng.integers(0, 3)}"
                    if rng.random() < 0.8
                    else None,
                    "sent_at": sent if rng.random() < 0.9 else None,
                    "responded_at": sent + timedelta(days=int(rng.integers(0, 9)))
                    if rng.random() < 0.8
                    else None,
                }
            )
    accounts = [{"id": f"w{world:02}", "name": f"w{world:02}"} for world in range(worlds)]
    return {"survey_response": pd.DataFrame(rows), "account": pd.DataFrame(accounts)}

"""What an open deal's win probability has to be: closed deals alike are counted one by one."""

from __future__ import annotations

from typing import Any

from tests.oracles.reasons import TOO_LITTLE, band, reasons
from tests.oracles.sales import Frames, Rows, by_id, rows_of, stage_rows

MIN_CASES = 20


def size_of(amount: float | None) -> str:
    if amount is None:
        return "(no amount)"
    return "1 small" if amount < 10000 else "2 medium" if amount < 50000 else "3 large"


def paths(frames: Frames) -> dict[str, Rows]:
    """Deal -> open stages it came to or passed over, first to furthest."""
    stages = by_id(rows_of(frames, "stage"))
    found: dict[str, Rows] = {}
    for row in stage_rows(frames):
        if not stages[row["stage_id"]]["is_won"]:
            found.setdefault(row["opportunity_id"], []).append(stages[row["stage_id"]])
    with_history = {row["opportunity_id"] for row in stage_rows(frames)}
    for deal in rows_of(frames, "opportunity"):
        stage = stages.get(deal["stage_id"])
        is_bare = deal["status"] == "open" and deal["id"] not in with_history
        if is_bare and stage and not stage["is_closed"]:
            found[deal["id"]] = [stage]
    for path in found.values():
        path.sort(key=lambda stage: stage["display_order"])
    return found


def odds(frames: Frames, least: int = MIN_CASES) -> Rows:
    """One dict per deal and open stage it came to: rate, cases and what they are of."""
    deals = by_id(rows_of(frames, "opportunity"))
    names = {stage["id"]: stage["name"] for stage in rows_of(frames, "stage")}
    found: Rows = []
    for name, path in paths(frames).items():
        deal = deals[name]
        kind = (deal["opportunity_type"] or "(none)", size_of(deal["amount"]))
        for place, stage in enumerate(path):
            found.append({
                "deal": name, "stage": stage["id"], "kind": kind, "status": deal["status"],
                "first": place == 0, "furthest": place == len(path) - 1,
            })  # fmt: skip
    for row in found:
        row["rate"], row["cases"], row["depth"] = None, None, None
        row["reasons"], row["band"] = TOO_LITTLE, "(none)"
        for depth in (2, 1, 0):
            alike = _alike(found, row, depth)
            if len(alike) >= least:
                row["rate"], row["cases"], row["depth"] = sum(alike) / len(alike), len(alike), depth
                labels = (f"stage {names[row['stage']]}", f"type {row['kind'][0]}",
                          f"size {row['kind'][1]}")  # fmt: skip
                row["reasons"] = reasons(
                    [(labels[n], _alike(found, row, n)) for n in range(depth + 1)]
                )
                own = [] if row["status"] == "open" else [row["status"] == "won"]
                row["band"] = band(alike + own)
                break
    return found


def _alike(rows: Rows, row: dict[str, Any], depth: int) -> list[bool]:
    """Won or not, of the other closed deals that came to the stage, alike to a depth."""
    return [
        other["status"] == "won"
        for other in rows
        if other["stage"] == row["stage"] and other["deal"] != row["deal"]
        and other["status"] != "open" and other["kind"][:depth] == row["kind"][:depth]
    ]  # fmt: skip


def deal_predictions(frames: Frames, least: int = MIN_CASES) -> dict[str, dict[str, Any]]:
    """Deal -> its row at the stage it is judged at: open furthest, closed first."""
    return {
        row["deal"]: row
        for row in odds(frames, least)
        if (row["furthest"] if row["status"] == "open" else row["first"])
    }


def win_probability(frames: Frames, least: int = MIN_CASES) -> float | None:
    rates = [
        row["rate"]
        for row in deal_predictions(frames, least).values()
        if row["status"] == "open" and row["rate"] is not None
    ]
    return sum(rates) / len(rates) if rates else None


def calibration(rows: Rows) -> tuple[float | None, float | None, int]:
    """Mean prediction, share won, and number of rows of closed deals with a rate."""
    tested = [row for row in rows if row["status"] != "open" and row["rate"] is not None]
    if not tested:
        return None, None, 0
    won = sum(row["status"] == "won" for row in tested)
    return sum(row["rate"] for row in tested) / len(tested), won / len(tested), len(tested)

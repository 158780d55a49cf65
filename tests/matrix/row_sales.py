"""What the facts of sales hold row by row, deal by deal from the definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from tests.matrix.row_pipeline import (
    forecasts_before,
    forecasts_now,
    months_open,
    months_won,
    target_rows,
)
from tests.matrix.rows import Rows
from tests.oracles.deal_predictions import deal_predictions, odds, size_of
from tests.oracles.labels import labels_of
from tests.oracles.sales import (
    TODAY,
    Frames,
    by_id,
    day,
    deal_rows,
    rows_of,
    stage_odds,
    stage_rows,
    usual_days,
)

#: as in cases.PREDICTING
FEW_DEALS = 3
LABELLED = ("opportunities", "opportunity_stages", "pipeline_months", "activities",
            "deal_predictions", "deal_odds")  # fmt: skip


def with_gaps(frames: dict[str, pd.DataFrame], seed: int) -> Frames:
    """Changes between those of the stage, some without one and some nobody knows when; open deals
    in a closed stage; a deal lost before any was won; quotas and forecasts beside each other."""
    rng = np.random.default_rng(seed)
    deals = frames["opportunity"]
    changes = [
        {"id": f"{deal.id}-gap", "opportunity_id": deal.id, "field": "amount", "amount": 900.0,
         "expected_close_date": date(2026, 8, 1 + deal.Index % 28), "stage_id": None,
         "changed_at": deal.created_at + pd.Timedelta(days=2, hours=deal.Index)}
        for deal in deals.itertuples() if rng.random() < 0.3 and not pd.isna(deal.created_at)
    ]  # fmt: skip
    changes += [
        {"id": f"{deal.id}-when", "opportunity_id": deal.id, "field": "stage", "stage_id": "a4",
         "changed_at": None, "is_reconstructed": False}
        for deal in deals.itertuples() if rng.random() < 0.2
    ]  # fmt: skip
    known = set(frames["opportunity_history"]["opportunity_id"])
    frames["opportunity_history"] = pd.concat(
        [frames["opportunity_history"], pd.DataFrame(changes)], ignore_index=True
    )
    bare = (deals["status"] == "open") & ~deals["id"].isin(
        known | {c["opportunity_id"] for c in changes}
    )
    deals.loc[bare, "stage_id"] = "aw"
    for name, rows in EDGES.items():
        frames[name] = pd.concat([frames[name], pd.DataFrame(rows)], ignore_index=True)
    return frames


def _quota(name: str, month: int, owner: str | None, team: str | None) -> dict[str, Any]:
    start = pd.Timestamp(2026, month, 1)
    return {"id": name, "owner_id": owner, "team_id": team, "period_start": start,
            "period_end": start + pd.offsets.MonthEnd(1), "measure": "bookings",
            "target_amount": 100.0 + month}  # fmt: skip


def _forecast(name: str, day: int, owner: str, amount: float) -> dict[str, Any]:
    return {"id": name, "snapshot_date": pd.Timestamp(2026, 4, day), "owner_id": owner,
            "period_start": pd.Timestamp(2026, 5, 1), "forecast_category": "commit",
            "amount_base": amount}  # fmt: skip


EDGES: dict[str, list[dict[str, Any]]] = {
    "opportunity": [
        {"id": "early", "name": "Early", "status": "lost", "pipeline_id": "p1", "stage_id": "al",
         "amount": 5.0, "created_at": pd.Timestamp(2024, 6, 1), "loss_reason": "price",
         "closed_at": pd.Timestamp(2024, 6, 15)}],
    "quota": [_quota("all-5", 5, None, None), _quota("t2-5", 5, None, "t2"),
              _quota("u1-5", 5, "u1", None), _quota("t1-4", 4, None, "t1"),
              _quota("u1-4", 4, "u1", None), _quota("all-11", 11, None, None)],
    "forecast_snapshot": [_forecast("u1-27", 27, "u1", 500.0), _forecast("u1-28", 28, "u1", 1000.0),
                          _forecast("u2-30", 30, "u2", 2000.0)],
}  # fmt: skip


def sales_rows(frames: Frames) -> Iterator[Rows]:
    yield from labels_of(frames, *LABELLED)
    yield from opportunity_rows(frames)
    yield stages_entered(frames)
    yield benchmarks(frames)
    yield months_open(frames)
    yield from target_rows(frames)
    yield months_won(frames)
    yield forecasts_before(frames)
    yield forecasts_now(frames)
    yield activity_rows(frames)
    yield predictions(frames)
    yield stage_odds_rows(frames)
    yield unpredicted(frames)


def opportunity_rows(frames: Frames) -> Iterator[Rows]:
    """Flags, dates, what is wrong and what to do next of every deal."""
    own = by_id(rows_of(frames, "opportunity"))
    found = []
    for row in deal_rows(frames):
        deal = own[row["opportunity_id"]]
        late = (TODAY - row["due_date"]).days if row["due_date"] else 0
        overdue = late if row["is_open"] and late > 0 else 0
        found.append(row | {
            "is_closed": 1 - row["is_open"],
            "deal_size": size_of(deal["amount"]),
            "loss_reason": (deal["loss_reason"] or "(no reason given)") if row["is_lost"]
            else "(not lost)",
            "pipeline_date": TODAY if row["is_open"] else row["closed_date"],
            "won_amount": deal["amount"] if row["is_won"] else None,
            "lost_amount": deal["amount"] if row["is_lost"] else None,
            "open_amount": deal["amount"] if row["is_open"] else None,
            "days_overdue": overdue, "is_overdue": int(overdue > 0),
            "next_action": next_step(row),
        })  # fmt: skip
    columns = ["opportunity_id", "is_open", "is_won", "is_lost", "is_closed", "amount",
               "created_date", "closed_date", "pipeline_date", "cycle_days", "is_with_next_step",
               "is_stalled", "is_wrong_stage", "problem", "next_action", "deal_size",
               "loss_reason", "won_amount", "lost_amount", "open_amount", "days_overdue",
               "is_overdue", "days_in_stage", "win_probability", "first_contact_date",
               "last_activity_date", "next_activity_date"]  # fmt: skip
    yield Rows("opportunities", columns, found)
    timed = ["opportunity_id", "first_contact_date", "last_activity_date", "next_activity_date",
             "closed_date"]  # fmt: skip
    yield Rows("opportunity_timing", timed, found)


def next_step(row: dict[str, Any]) -> str:
    if row["problem"] == "expected close date has passed":
        return "Agree a new close date, or close the deal as lost"
    if row["problem"]:
        return f"Correct the record: {row['problem']}"
    if not row["is_open"]:
        return "(none)"
    if not row["is_with_next_step"]:
        return "Plan the next call, meeting or task with a date"
    if row["is_stalled"]:
        return "Call the buyer; ask what stands in the way"
    return "Carry out the planned next step"


def stages_entered(frames: Frames) -> Rows:
    columns = ["opportunity_id", "stage_id", "entered_date", "days_in_stage", "is_advanced",
               "is_in_progress", "is_mature", "is_skipped"]  # fmt: skip
    return Rows("opportunity_stages", columns, stage_rows(frames))


def benchmarks(frames: Frames) -> Rows:
    """Of each stage how many closed deals came to it, were won, and how long those stood there."""
    closed = Counter(r["stage_id"] for r in stage_rows(frames) if r["status"] != "open")
    rate, usual = stage_odds(frames), usual_days(frames)
    found = [
        {"stage_id": stage, "closed_deals": closed[stage], "win_rate": rate.get(stage),
         "won_days_p75": usual.get(stage)}
        for stage in {row["stage_id"] for row in stage_rows(frames)}
    ]  # fmt: skip
    return Rows("stage_benchmarks", list(found[0]), found)


def activity_rows(frames: Frames) -> Rows:
    found = []
    for row in rows_of(frames, "activity"):
        due = day(row["due_at"])
        moments = ("occurred_at", "completed_at", "scheduled_at", "due_at", "created_at")
        is_open, done = row["status"] == "open", row["status"] == "completed"
        kind, ours = row["activity_type"], row["direction"] == "outbound"
        late = max(0, (TODAY - due).days) if is_open and due else 0
        come = due is not None and (due <= TODAY or done)
        task = kind == "task" or due is not None
        action = "Do it today or agree a new date" if late else "Carry it out by its date"
        found.append({
            "activity_id": row["id"],
            "activity_date": next((day(row[name]) for name in moments if row[name]), None),
            "is_open": int(is_open), "is_completed": int(done), "is_task": int(task),
            "days_overdue": late, "is_overdue": int(late > 0),
            "is_call_made": int(kind == "call" and ours and done),
            "is_email_sent": int(kind == "email" and ours and done and not row["ticket_id"]),
            "is_meeting": int(kind == "meeting"),
            "is_meeting_held": int(kind == "meeting" and done),
            "is_follow_up_due": int(task and come and row["status"] != "cancelled"),
            "is_follow_up_done": int(task and come and done),
            "next_action": action if late or is_open else "(none)",
        })  # fmt: skip
    return Rows("activities", list(found[0]), found)


def predictions(frames: Frames) -> Rows:
    """Every deal with the stage it is judged at; one without such a stage has no prediction."""
    stages = by_id(rows_of(frames, "stage"))
    judged = deal_predictions(frames, FEW_DEALS)
    found = []
    for deal in rows_of(frames, "opportunity"):
        row = judged.get(deal["id"])
        rate = row["rate"] if row else None
        is_open = deal["status"] == "open"
        tested = not is_open and rate is not None
        found.append({
            "opportunity_id": deal["id"],
            "scored_stage": stages[row["stage"]]["name"] if row else "(none)",
            "predicted_rate": rate, "cases": row["cases"] if row else None,
            "is_open_rated": int(is_open and rate is not None),
            "open_rate": rate if is_open else None, "is_tested": int(tested),
            "tested_rate": rate if tested else None,
            "tested_wins": int(tested and deal["status"] == "won"),
        })  # fmt: skip
    return Rows("deal_predictions", list(found[0]), found)


def stage_odds_rows(frames: Frames) -> Rows:
    """Every deal in every open stage it came to, with its rate there."""
    names = ("stage", "stage and type", "stage, type and size")
    found = [
        {"opportunity_id": row["deal"], "stage_id": row["stage"], "predicted_rate": row["rate"],
         "cases": row["cases"], "basis": "(none)" if row["rate"] is None else names[row["depth"]],
         "reasons": row["reasons"], "calibration_band": row["band"]}
        for row in odds(frames, FEW_DEALS)
    ]  # fmt: skip
    return Rows("deal_odds", list(found[0]), found)


def unpredicted(frames: Frames) -> Rows:
    """Deals without a rate say why."""
    judged = deal_predictions(frames, FEW_DEALS)
    found = [
        {"opportunity_id": deal["id"],
         "reasons": "too little history" if deal["id"] in judged else "no stage history"}
        for deal in rows_of(frames, "opportunity")
        if deal["id"] not in judged or judged[deal["id"]]["rate"] is None
    ]  # fmt: skip
    return Rows("deal_predictions", ["opportunity_id", "reasons"], found,
                where="predicted_rate is null")  # fmt: skip


def without_stages(frames: dict[str, pd.DataFrame], seed: int) -> Frames:
    """A CRM that has no stages: no deal can be out of its pipeline."""
    del seed
    return {name: frame for name, frame in frames.items() if name != "stage"}


def stageless_rows(frames: Frames) -> Iterator[Rows]:
    yield from opportunity_rows(frames)


def mid_month_rows(frames: Frames) -> Iterator[Rows]:
    """On a day within a month only the same days of the year before are compared."""
    yield months_won(frames, MID_MONTH)


MID_MONTH = date(2026, 6, 12)

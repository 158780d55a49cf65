"""Pipeline changes and close date moves, deal by deal and period by period in plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from tests.oracles.sales import Frames, by_id, change_order, closed_on, day, rows_of

KINDS = {
    "start": "01 open at the start", "created": "02 created", "reopened": "03 reopened",
    "pulled_in": "04 pulled in", "pushed_in": "05 pushed in", "increased": "06 increased",
    "decreased": "07 decreased", "pushed_out": "08 pushed out", "lost": "09 lost",
    "won": "10 won", "end": "11 open at the end",
}  # fmt: skip
LOSSES = ("decreased", "pushed_out", "lost", "won")
Deal = dict[str, Any]


@dataclass(frozen=True)
class State:
    """How a deal stood at the end of a day."""

    status: str
    amount: float | None
    due: date | None
    stage: str | None

    def is_in(self, start: date, end: date) -> bool:
        return self.status == "open" and self.due is not None and start <= self.due <= end


@dataclass(frozen=True)
class Period:
    kind: str
    start: date
    end: date

    def is_over(self, today: date) -> bool:
        return self.end < today


def periods_kept(today: date, months: int) -> Iterator[Period]:
    """The periods begun by today that lie whole within the last `months` months."""
    first = (pd.Period(today, "M") - months + 1).start_time.date()
    for kind, code in (("month", "M"), ("quarter", "Q"), ("year", "Y")):
        for found in pd.period_range(first, today, freq=code):
            if found.start_time.date() >= first:
                yield Period(kind, found.start_time.date(), found.end_time.date())


class Histories:
    """Answers how any deal stood on any day."""

    def __init__(self, frames: Frames, today: date) -> None:
        self.today = today
        self.stages = by_id(rows_of(frames, "stage"))
        self.deals = [deal for deal in rows_of(frames, "opportunity") if deal["id"]]
        for deal in self.deals:
            # the test's warehouse takes money to be in the reporting currency where nothing is said
            deal.setdefault("amount_base", deal["amount"])
        self.changes: dict[str, list[Deal]] = defaultdict(list)
        rows = [row for row in rows_of(frames, "opportunity_history") if row["changed_at"]]
        for row in sorted(rows, key=change_order):
            self.changes[row["opportunity_id"]].append(row)
        sums: dict[Any, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for deal in self.deals:
            if (deal["amount"] or 0) > 0 and deal["amount_base"] is not None:
                sums[deal.get("currency")][0] += deal["amount_base"]
                sums[deal.get("currency")][1] += deal["amount"]
        self.rates = {currency: base / own for currency, (base, own) in sums.items()}

    def ended(self, deal: Deal) -> date | None:
        closed = closed_on(deal)
        return None if closed is None else min(closed, self.today)

    def begun(self, deal: Deal) -> date | None:
        """None for a deal that has no place in time."""
        first = [day(row["changed_at"]) for row in self.changes[deal["id"]][:1]]
        created = day(deal["created_at"]) or (first[0] if first else None)
        ended = self.ended(deal)
        if created is None or (deal["status"] != "open" and ended is None):
            return None
        return created if ended is None else min(created, ended)

    def at(self, deal: Deal, when: date) -> State | None:
        """None before the deal was there."""
        begun, ended = self.begun(deal), self.ended(deal)
        if begun is None or when < begun:
            return None
        if ended is not None and ended <= when:
            return State(deal["status"], cents(deal["amount_base"]), ended, deal["stage_id"])
        if when >= self.today:
            due = deal["expected_close_date"]
            return State("open", cents(deal["amount_base"]), as_date(due), deal["stage_id"])
        own = self.changes[deal["id"]]
        before = [row for row in own if day(row["changed_at"]) <= when]
        telling = before[-1] if before else own[0] if own else None
        stage = before[-1]["stage_id"] if before else None
        if not own and deal["status"] == "open":
            stage = deal["stage_id"]
        amount, due = deal["amount_base"], deal["expected_close_date"]
        if telling and any(row.get("amount") is not None for row in own):
            amount = self.converted(deal, telling["amount"])
        if telling and any(row.get("expected_close_date") is not None for row in own):
            due = telling["expected_close_date"]
        status = "open"
        if before and self.closes(stage) and self.opens_after(deal, before[-1]):
            status = "won" if self.stages[stage]["is_won"] else "lost"
        return State(status, cents(amount), as_date(due), stage)

    def closes(self, stage: str | None) -> bool:
        return stage in self.stages and bool(self.stages[stage]["is_closed"])

    def opens_after(self, deal: Deal, change: Deal) -> bool:
        """Whether the closed stage of this change was left again for an open one."""
        return deal["status"] == "open" or any(
            row["stage_id"] in self.stages and not self.closes(row["stage_id"])
            for row in self.changes[deal["id"]]
            if row["changed_at"] > change["changed_at"]
        )

    def converted(self, deal: Deal, amount: float | None) -> float | None:
        if amount is None:
            return None
        if (deal["amount"] or 0) > 0:
            base = deal["amount_base"]
            return None if base is None else amount * base / deal["amount"]
        rate = self.rates.get(deal.get("currency"))
        return None if rate is None else amount * rate


def cents(amount: float | None) -> float | None:
    return None if amount is None else round(amount, 2)


def as_date(value: Any) -> date | None:
    return None if value is None else day(value)


def bars(histories: Histories, deal: Deal, period: Period) -> dict[str, float | None]:
    """Kind of change -> amount without a sign, of one deal in one period."""
    before = histories.at(deal, period.start - timedelta(days=1))
    after = histories.at(deal, min(period.end, histories.today))
    if after is None:
        return {}
    was_in = before is not None and before.is_in(period.start, period.end)
    ended = histories.ended(deal)
    ended_now = ended is not None and period.start <= ended <= period.end
    was_closed = before is not None and before.status != "open"
    decided = after.status != "open" and (ended_now or not was_closed)
    if ended is not None and ended < period.start:
        decided = False
    is_in = decided or after.is_in(period.start, period.end)
    found: dict[str, float | None] = {}
    if was_in and before is not None:
        found["start"] = before.amount
        if not is_in:
            return found | {"pushed_out": before.amount}
        change = round((after.amount or 0) - (before.amount or 0), 2)
        if change > 0:
            found["increased"] = change
        elif change < 0:
            found["decreased"] = -change
    elif is_in:
        if before is None:
            found["created"] = after.amount
        elif was_closed:
            found["reopened"] = after.amount
        elif before.due is not None and before.due < period.start:
            found["pushed_in"] = after.amount
        else:
            found["pulled_in"] = after.amount
    if decided:
        found["won" if after.status == "won" else "lost"] = after.amount
    elif is_in:
        found["end"] = after.amount
    return found


def change_rows(frames: Frames, today: date, months: int) -> list[dict[str, Any]]:
    """The rows of `pipeline_changes`."""
    histories = Histories(frames, today)
    pushes = [move for move in move_rows(frames) if move["is_push"]]
    found = []
    for period in periods_kept(today, months):
        for deal in histories.deals:
            before = histories.at(deal, period.start - timedelta(days=1))
            after = histories.at(deal, min(period.end, today))
            was_open = before is not None and before.status == "open"
            pushed = sum(
                move["opportunity_id"] == deal["id"]
                and period.start <= move["changed_date"] <= period.end
                for move in pushes
            )
            for kind, amount in bars(histories, deal, period).items():
                assert after is not None
                sign = -1 if kind in LOSSES else 1
                stage = histories.stages.get(after.stage or "")
                found.append({
                    "period_type": period.kind, "period_start": period.start,
                    "period_end": period.end, "is_complete": int(period.is_over(today)),
                    "opportunity_id": deal["id"], "change_kind": KINDS[kind],
                    "pipeline_amount": None if amount is None else sign * amount,
                    "amount_before": before.amount if was_open else None,
                    "amount_after": after.amount,
                    "close_date_before": before.due if was_open else None,
                    "close_date_after": after.due,
                    "stage": stage["name"] if stage else "(none)", "pushes": pushed,
                })  # fmt: skip
    return found


def month_rows(frames: Frames, today: date, months: int) -> list[dict[str, Any]]:
    """The rows of `opportunity_months`: how a deal stood, from its first month to its last."""
    histories = Histories(frames, today)
    found = []
    for month in pd.period_range(pd.Period(today, "M") - months, today, freq="M"):
        first, last = month.start_time.date(), min(month.end_time.date(), today)
        for deal in histories.deals:
            state, ended = histories.at(deal, last), histories.ended(deal)
            if state is None or (ended is not None and ended < first):
                continue
            begun = histories.begun(deal)
            found.append({
                "month_start": first, "as_of_date": last, "opportunity_id": deal["id"],
                "is_begun": int(begun is not None and begun >= first),
                "is_ended": int(ended is not None and ended <= last),
                "is_open": int(state.status == "open"), "is_won": int(state.status == "won"),
                "stage_id": state.stage, "expected_close_date": state.due,
                "amount": state.amount,
            })  # fmt: skip
    return found


def move_rows(frames: Frames) -> list[dict[str, Any]]:
    """The rows of `close_date_changes`: moves of the close date of deals that were open."""
    stages = by_id(rows_of(frames, "stage"))
    found = []
    for deal in rows_of(frames, "opportunity"):
        own = [row for row in rows_of(frames, "opportunity_history")
               if row["opportunity_id"] == deal["id"] and row["changed_at"]]  # fmt: skip
        moments: dict[Any, Deal] = {}
        for row in sorted(own, key=change_order):
            moments[row["changed_at"]] = row
        before, pushes = None, 0
        for moment, row in moments.items():
            after = as_date(row.get("expected_close_date"))
            stage = stages.get(row["stage_id"])
            is_closed = bool(stage and stage["is_closed"]) or (
                deal["status"] != "open" and deal["closed_at"] and moment >= deal["closed_at"]
            )
            if before and after and before != after and not is_closed:
                pushes += after > before
                found.append({
                    "opportunity_id": deal["id"], "changed_date": day(moment),
                    "close_date_before": before, "close_date_after": after,
                    "days_moved": (after - before).days, "is_push": int(after > before),
                    "is_pull": int(after < before),
                    "direction": "later" if after > before else "earlier",
                    "push_no": pushes, "stage": stage["name"] if stage else "(none)",
                })  # fmt: skip
            before = after
    return found


def change_kpis(rows: list[dict[str, Any]]) -> dict[str, float | None]:
    """What `pipeline_change` is of such rows."""
    outside = (KINDS["start"], KINDS["end"], KINDS["won"])
    known = [
        row["pipeline_amount"]
        for row in rows
        if row["change_kind"] not in outside and row["pipeline_amount"] is not None
    ]
    return {"pipeline_change": sum(known) if known else None}

"""The rows behind the KPIs: what each deal, stage, month and target brings to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from tests.histories.events import TODAY
from tests.histories.plans import QUOTAS
from tests.histories.simulator import Simulator, month, months_after
from tests.histories.world import LOST, WON, Deal, day

Row = dict[str, Any]
#: months of the past for which the open pipeline is kept, and over which a velocity is taken
VELOCITY_MONTHS = 12


def owner_name(owner: int) -> str:
    return f"Owner {owner}"


def pipeline_name(seed: int) -> str:
    return f"Pipeline {seed}"


def _place(simulator: Simulator, deal: Deal, stage: int) -> Row:
    return {
        "owner": owner_name(deal.owner),
        "pipeline": pipeline_name(deal.seed),
        "stage": simulator.name(deal.seed, stage),
    }


def deals(simulator: Simulator) -> Iterator[Row]:
    for deal in simulator.deals:
        amount, closed = simulator.amount(deal), simulator.closed_on(deal)
        is_open, is_won = deal.status == "open", deal.status == "won"
        has_proposals = simulator.proposal_order is not None
        yield {
            **_place(simulator, deal, deal.place),
            "created_date": month(day(deal.created)),
            "closed_date": None if closed is None else month(closed),
            "expected_close_date": month(deal.close),
            "pipeline_date": month(simulator.pipeline_date(deal)),
            "is_open": int(is_open),
            "is_won": int(is_won),
            "is_lost": int(deal.status == "lost"),
            "is_closed": int(not is_open),
            "won_amount": amount if is_won else None,
            "open_amount": amount if is_open else None,
            "weighted_amount": amount * simulator.win_chance(deal)
            if is_open and amount is not None
            else None,
            "cycle": simulator.cycle(deal),
            "net_new": simulator.net_new(deal),
            "is_with_proposal_stage": int(has_proposals),
            "is_past_proposal": int(has_proposals and simulator.is_past_proposal(deal)),
            "is_stalled": int(simulator.is_stalled(deal)),
            "is_faulty": int(simulator.is_faulty(deal)),
        }


def stages(simulator: Simulator) -> Iterator[Row]:
    for step in simulator.steps:
        is_closed = step.deal.status != "open"
        yield {
            **_place(simulator, step.deal, step.stage),
            "entered_date": month(step.entered),
            "days": step.days,
            "is_mature": int(step.is_passed or is_closed),
            "is_advanced": int(step.is_passed),
        }
    for deal, closed in simulator.final_steps:
        nothing = {"days": None, "is_mature": 0, "is_advanced": 0}
        yield {**_place(simulator, deal, WON), "entered_date": month(closed), **nothing}


def pipeline(simulator: Simulator) -> Iterator[Row]:
    for start, deal, stage, amount, weighted in simulator.open_months():
        yield {
            **_place(simulator, deal, stage),
            "month_start": month(start),
            "amount": amount,
            "weighted": weighted,
        }


def revenue(simulator: Simulator) -> Iterator[Row]:
    """Parts of months: won now and a year before, and the twelve months behind a velocity."""
    nothing = dict.fromkeys(
        ("n_open", "n_won", "n_closed", "n_amount", "n_sized", "n_days", "n_cycles"), 0
    )
    won = [c for d in simulator.deals if d.status == "won" and (c := simulator.closed_on(d))]
    if won:
        first = min(won).replace(day=1)
        for deal in simulator.deals:
            closed = simulator.closed_on(deal)
            if closed is None:
                continue
            place = _place(simulator, deal, LOST)
            is_won, amount = deal.status == "won", simulator.amount(deal)
            value, cycle = (amount or 0) if is_won else 0, simulator.cycle(deal)
            for after in range(VELOCITY_MONTHS):
                start = months_after(closed, after)
                if start > TODAY:
                    continue
                has_basis = after == 0 and months_after(start, -12) >= first
                yield {
                    **place,
                    **nothing,
                    "month_start": month(start),
                    "comparable": value if has_basis else 0,
                    "n_won": int(is_won),
                    "n_closed": 1,
                    "n_amount": value,
                    "n_sized": int(is_won and amount is not None),
                    "n_days": cycle or 0,
                    "n_cycles": int(cycle is not None),
                }
            year_after = months_after(closed, 12)
            is_due = year_after < TODAY.replace(day=1) or (
                year_after == TODAY.replace(day=1) and closed.day <= TODAY.day
            )
            if is_won and is_due:
                yield {**place, **nothing, "month_start": month(year_after), "prior": value}
    for start, deal, stage, _, _ in simulator.open_months():
        place = _place(simulator, deal, stage)
        yield {**place, **nothing, "month_start": month(start), "n_open": 1}


def _targets() -> Iterator[tuple[date, int, Fraction]]:
    for quota in QUOTAS:
        months = (quota.end.year - quota.start.year) * 12 + quota.end.month - quota.start.month + 1
        for after in range(months):
            yield months_after(quota.start, after), quota.owner, Fraction(quota.amount) / months


def plans(simulator: Simulator) -> Iterator[Row]:
    """Targets, and what was won and is due in the months that have one."""
    nothing = {"target": 0, "won": 0, "due": 0}
    planned = set()
    for start, owner, target in _targets():
        planned.add(month(start))
        row = {"owner": owner_name(owner), "month_start": month(start)}
        yield {**row, **nothing, "target": target}
    for deal in simulator.deals:
        closed, amount = simulator.closed_on(deal), simulator.amount(deal) or 0
        row = {"owner": owner_name(deal.owner)}
        if deal.status == "won" and closed is not None and month(closed) in planned:
            yield {**row, **nothing, "month_start": month(closed), "won": amount}
        if deal.status == "open" and month(deal.close) in planned:
            yield {**row, **nothing, "month_start": month(deal.close), "due": amount}


def forecasts(simulator: Simulator) -> Iterator[Row]:
    for deal in simulator.deals:
        amount, closed = simulator.amount(deal), simulator.closed_on(deal)
        row = {"owner": owner_name(deal.owner)}
        if deal.status == "won" and closed is not None:
            parts = dict.fromkeys(("forecast", "best"), amount or 0)
            yield {**row, "period_start": month(closed), **parts, "commit": 0}
        elif deal.status == "open" and month(deal.close) >= month(TODAY):
            category = simulator.habits.categories.get(deal.stage, "pipeline")
            likely = (amount or 0) * simulator.win_chance(deal)
            full = amount or 0
            yield {
                **row,
                "period_start": month(deal.close),
                "forecast": full if category == "commit" else likely,
                "best": likely if category == "pipeline" else full,
                "commit": full if category == "commit" else 0,
            }


def reps(simulator: Simulator) -> Iterator[Row]:
    for row in deals(simulator):
        yield {**row, "period_date": row["pipeline_date"]}
    for row in plans(simulator):
        none = {"stage": "(target)", "pipeline": "(target)", "period_date": row["month_start"]}
        yield {**none, "owner": row["owner"], "target": row["target"], "target_won": row["won"]}


#: fact -> its rows
REPORTS: Mapping[str, Callable[[Simulator], Iterator[Row]]] = {
    "opportunities": deals,
    "opportunity_stages": stages,
    "pipeline_months": pipeline,
    "revenue_months": revenue,
    "pipeline_periods": plans,
    "forecasts": forecasts,
    "rep_results": reps,
}

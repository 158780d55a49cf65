"""What each rep sold, deal by deal and target by target, from the definition of the leaderboard."""

from __future__ import annotations

from collections.abc import Mapping

from tests.oracles.pipeline import month_of, targets
from tests.oracles.sales import Frames, Rows, deal_rows, mean, ratio

Values = dict[str, float | None]


def by_owner(frames: Frames) -> dict[str, Values]:
    """Owner -> the KPI and its measures."""
    deals, target = deal_rows(frames), targets(frames)
    owners = {deal["owner"] for deal in deals} | {owner for _, owner in target}
    months = {month for month, _ in target}
    return {
        owner: _values(
            [deal for deal in deals if deal["owner"] == owner],
            {month: target.get((month, owner), 0.0) for month in months},
        )
        for owner in owners
    }


def rep_result_kpis(frames: Frames) -> Values:
    """The KPI over everybody."""
    won = [d["amount"] for d in deal_rows(frames) if d["is_won"] and d["amount"] is not None]
    return {"rep_leaderboard": sum(won) if won else None}


def _values(deals: Rows, target: Mapping[tuple[int, int], float]) -> Values:
    won = [deal for deal in deals if deal["is_won"]]
    open_ = [deal for deal in deals if deal["is_open"] and deal["amount"] is not None]
    sized = [deal["amount"] for deal in won if deal["amount"] is not None]
    against = [
        deal["amount"] or 0.0
        for deal in won
        if deal["closed_date"] is not None and month_of(deal["closed_date"]) in target
    ]
    return {
        "rep_leaderboard": sum(sized) if sized else None,
        "rep_won_deals": float(len(won)),
        "rep_average_deal": mean(sized),
        "rep_win_rate": ratio(len(won), len([d for d in deals if not d["is_open"]])),
        "rep_cycle": mean([d["cycle_days"] for d in won if d["cycle_days"] is not None]),
        "rep_open_value": sum(deal["amount"] for deal in open_) if open_ else None,
        "rep_attainment": ratio(sum(against), sum(target.values())),
    }

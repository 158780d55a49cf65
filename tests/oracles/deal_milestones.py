"""First purchases, proposals and expansion deals, deal by deal, from the definitions.

Frames are those of `sales_frames`, with other pipelines in some seeds.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from tests.oracles.sales import Frames, by_id, closed_on, day, ratio, rows_of
from tests.oracles.sales_frames import sales_frames

#: lower-case names of stages that are proposals by default
PROPOSALS = {
    "proposal", "proposal made", "proposal sent", "proposal/price quote", "proposal/quote",
    "propose", "proposition", "quote", "quote sent",
}  # fmt: skip
LONG_AGO = date(2000, 1, 1)


def random_deals(seed: int) -> dict[str, pd.DataFrame]:
    """Deals some of whose accounts buy first by renewal; pipelines with two, one or no proposal."""
    rng = np.random.default_rng(seed)
    frames = sales_frames(seed)
    stages = frames["stage"].set_index("id")
    stages.loc["b2", "name"] = str(rng.choice(["Offer", "Quote", "QUOTE SENT"]))
    stages.loc["a5", "name"] = str(rng.choice(["Negotiation", "Quote"]))
    stages.loc["a4", "name"] = str(rng.choice(["Proposal", "Proposal", "Trial"]))
    stages.loc["a4", "is_active"] = bool(rng.random() < 0.7)
    deals = frames["opportunity"]
    if len(deals):
        kinds = ["new_business", "new_business", "expansion", "renewal", None]
        deals["opportunity_type"] = rng.choice(np.array(kinds, dtype=object), len(deals))
        deals["arr_amount"] = rng.choice(np.array([None, None, 0.0, 120.5], dtype=object),
                                         len(deals))  # fmt: skip
        twins = deals["status"].eq("won") & deals["closed_at"].notna()
        for one in list(deals[twins].index)[1::3]:
            # a second deal of an account that was won on the same day
            deals.loc[one, ["account_id", "closed_at"]] = deals.loc[
                deals[twins].index[0], ["account_id", "closed_at"]
            ].to_list()
    return frames | {"stage": stages.reset_index(), "opportunity": deals}


def reached_proposal(frames: Frames) -> dict[str, bool | None]:
    """Deal -> whether it came to a proposal or past it; None without such a stage in its pipeline.

    How far a deal came is told by all the stages it is known to have stood in, the current one too.
    """
    stages = by_id(rows_of(frames, "stage"))
    stood = defaultdict(set)
    for change in rows_of(frames, "opportunity_history"):
        stood[change["opportunity_id"]].add(change["stage_id"])
    found: dict[str, bool | None] = {}
    for deal in rows_of(frames, "opportunity"):
        at = stages.get(deal["stage_id"])
        pipeline = at["pipeline_id"] if at else deal["pipeline_id"]
        own = [stage for stage in stages.values() if stage["pipeline_id"] == pipeline]
        offers = [s["display_order"] for s in own if s["name"].lower() in PROPOSALS]
        if not offers:
            found[deal["id"]] = None
            continue
        came_to = [
            stage["display_order"]
            for stage in own
            if not stage["is_closed"] and stage["id"] in stood[deal["id"]] | {deal["stage_id"]}
        ]
        is_past = any(order >= min(offers) for order in came_to)
        found[deal["id"]] = is_past or deal["status"] == "won"
    return found


def proposal_rate(frames: Frames, since: date = LONG_AGO) -> float | None:
    """Of the deals created from `since` on; those of unknown creation count without a limit."""
    reached = reached_proposal(frames)
    own = [
        reached[deal["id"]]
        for deal in rows_of(frames, "opportunity")
        if since == LONG_AGO
        or (deal["created_at"] is not None and day(deal["created_at"]) >= since)  # type: ignore[operator]
    ]
    judged = [found for found in own if found is not None]
    return ratio(sum(judged), len(judged))


def first_purchases(frames: Frames) -> list[dict[str, Any]]:
    """Won deals of the day on which their account first bought; without an account always."""
    won = [deal for deal in rows_of(frames, "opportunity") if deal["status"] == "won"]
    first: dict[str, date] = {}
    for deal in won:
        closed = closed_on(deal)
        if deal["account_id"] and closed:
            first[deal["account_id"]] = min(closed, first.get(deal["account_id"], closed))
    return [
        deal
        for deal in won
        if not deal["account_id"]
        or (closed_on(deal) is not None and closed_on(deal) == first.get(deal["account_id"]))
    ]


def net_new_revenue(frames: Frames, since: date | None = None) -> float | None:
    """Null where no first purchase has an amount."""
    values = []
    for deal in first_purchases(frames):
        closed = closed_on(deal)
        if since is not None and (closed is None or closed < since):
            continue
        if deal["opportunity_type"] in ("expansion", "renewal"):
            continue
        value = deal["arr_amount"] or deal["amount"]
        if value is not None:
            values.append(value)
    return sum(values) if values else None


def expansion_conversion(frames: Frames) -> float | None:
    own = [d for d in rows_of(frames, "opportunity") if d["opportunity_type"] == "expansion"]
    closed = [deal["status"] for deal in own if deal["status"] in ("won", "lost")]
    return ratio(closed.count("won"), len(closed))


def milestone_kpis(frames: Frames) -> dict[str, float | None]:
    """The KPIs over the whole frames."""
    return {
        "proposal_rate": proposal_rate(frames),
        "net_new_revenue": net_new_revenue(frames),
        "expansion_conversion": expansion_conversion(frames),
    }

"""Promises of opportunities, their stages and their history."""

from __future__ import annotations

import pandas as pd

from superset_crmkpi.kit.contract.bench import Bench


def won_and_lost_follow_the_flags_of_the_stage(bench: Bench) -> None:
    """Status, stage and closed_at agree; the fixtures have a won, a lost and an open deal."""
    if not {"opportunity", "stage"} <= set(bench.entities):
        return
    stages = bench.finished("stage").set_index("id")
    statuses = set()
    for deal in bench.finished("opportunity").to_dict("records"):
        key = f"'{deal['source_id']}'"
        assert not pd.isna(deal["stage_id"]), f"{key}: has no stage"
        assert deal["stage_id"] in stages.index, f"{key}: its stage is not among the stages"
        stage = stages.loc[deal["stage_id"]]
        wanted = "won" if stage["is_won"] else "lost" if stage["is_closed"] else "open"
        assert deal["status"] == wanted, f"{key}: {deal['status']}, by its stage {wanted}"
        closed = not pd.isna(deal["closed_at"])
        if "closed_at" not in bench.lacking("opportunity"):
            told = "is given" if closed else "is null"
            assert closed == (wanted != "open"), f"{key}: {wanted}, but closed_at {told}"
        statuses.add(deal["status"])
    assert statuses == {"won", "lost", "open"}, "the fixtures need a won, a lost and an open deal"


def history_is_in_order_and_ends_at_the_present(bench: Bench) -> None:
    """No change before creation, none overlapping, the last one is the present stage."""
    if not {"opportunity", "opportunity_history"} <= set(bench.entities):
        return
    deals = bench.finished("opportunity").set_index("id")
    history = bench.finished("opportunity_history")
    for deal, changes in history.groupby("opportunity_id"):
        if deal not in deals.index:
            continue
        created = deals.loc[deal, "created_at"]
        early = changes[changes["changed_at"] < created] if not pd.isna(created) else changes[:0]
        assert early.empty, f"{deal}: a change before the deal was created"
        stages = changes[changes["field"] == "stage"].sort_values("changed_at")
        ends = stages["valid_to"].tolist()[:-1]
        starts = stages["changed_at"].tolist()[1:]
        for end, start in zip(ends, starts, strict=True):
            assert pd.isna(end) or end <= start, f"{deal}: a stage ends after the next began"
        if len(stages):
            last, now = stages["stage_id"].iloc[-1], deals.loc[deal, "stage_id"]
            assert last == now, f"{deal}: its history ends in {last}, but it is in {now}"


PROMISES = (
    won_and_lost_follow_the_flags_of_the_stage,
    history_is_in_order_and_ends_at_the_present,
)

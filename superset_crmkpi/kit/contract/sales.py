"""Promises of opportunities and their stages."""

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


def a_pipeline_begins_with_an_open_stage(bench: Bench) -> None:
    """By display_order: closed stages come after open ones, or every funnel is turned around."""
    if "stage" not in bench.entities or "display_order" in bench.lacking("stage"):
        return
    stages = bench.finished("stage")
    if "display_order" not in stages:
        return
    ordered = stages[stages["object_type"].eq("opportunity") & stages["display_order"].notna()]
    for pipeline, own in ordered.groupby("pipeline_id"):
        closed = own[own["is_closed"].eq(True)]
        first_open = own.loc[own["is_closed"].eq(False), "display_order"].min()
        for stage in closed[closed["display_order"] < first_open].to_dict("records"):
            told = f"`{stage['name']}` is closed, and display_order {stage['display_order']}"
            raise AssertionError(f"stage of {pipeline}: {told} puts it before all open ones")


PROMISES = (
    won_and_lost_follow_the_flags_of_the_stage,
    a_pipeline_begins_with_an_open_stage,
)

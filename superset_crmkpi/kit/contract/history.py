"""Promises of the history of opportunities, also where a loader's copy of it has gaps."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from superset_crmkpi.kit.contract.bench import Bench

#: a stage that no pipeline lists; also an integer id
_UNHEARD = "'987654'"
#: names of columns that hold a value of before a change
_OLD = re.compile(r"(^|_)(old|before|was|from)(_|$)")


def history_is_in_order_and_ends_at_the_present(bench: Bench) -> None:
    """No change before creation, none overlapping, the last one is the present stage."""
    if not _has_history(bench):
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
    _check_ends(history, deals["stage_id"].to_dict(), "")


def a_stage_that_a_change_left_counts_from_the_creation(bench: Bench) -> None:
    """Before its first recorded change a deal was in the stage that this change left."""
    if not _is_recorded(bench):
        return
    created = bench.mapped("opportunity").set_index("id")["created_at"].to_dict()
    for (table, column), moments in _recorded(bench).items():
        olds = [f't."{name}"' for name in bench.schema[table] if _OLD.search(name)]
        if not olds:
            continue
        told = f"coalesce({', '.join(f'cast({old} as varchar)' for old in olds)}, '') <> ''"
        others = bench.mapped("opportunity_history", only={table: "false"})
        for moment in moments[::-1][:3]:
            at = f"t.\"{column}\" = timestamp '{moment}'"
            history = bench.mapped("opportunity_history", only={table: f"{at} and {told}"})
            stages = history[history["field"] == "stage"]
            for deal in _changed(history, moment) - _changed(others, moment):
                first = stages[stages["opportunity_id"] == deal]["changed_at"].min()
                assert pd.isna(created.get(deal)) or first == created[deal], (
                    f"{deal}: left a stage on {moment}, and has none before from {created[deal]} on"
                )


def a_history_that_is_behind_is_brought_to_the_present(bench: Bench) -> None:
    """A loader that missed the last changes: a row says the present stage all the same."""
    if not _is_recorded(bench):
        return
    deals = bench.mapped("opportunity").set_index("id")["stage_id"].to_dict()
    for (table, column), moments in _recorded(bench).items():
        for moment in dict.fromkeys((moments[0], moments[len(moments) // 2 - 1])):
            kept = {table: f"t.\"{column}\" <= timestamp '{moment}'"}
            history = bench.mapped("opportunity_history", only=kept)
            _check_ends(history, deals, f" where {table} ends on {moment}")


def a_stage_that_only_the_history_knows_takes_part(bench: Bench) -> None:
    """A stage that was taken out of its pipeline, and a warehouse without the table of stages."""
    if not _is_recorded(bench) or "stage" not in bench.entities:
        return
    history, source = "opportunity_history", bench.source
    recorded = _recorded(bench)
    tables = {table for table, _ in recorded}
    for (table, column), moments in recorded.items():
        first = f"t.\"{column}\" = timestamp '{moments[0]}'"
        changes = {
            name: f'case when {first} then {_UNHEARD} else t."{name}" end'
            for of, name in source[history].leaves["stage_id"]
            if of == table and bench.schema[table][name] == "text"
        }
        if changes:
            _check_stages(bench, f" with a stage gone from {table}", {table: changes}, {})
    used = {table for table, _ in source["opportunity"].leaves["id"]} | tables
    listed = {table for table, _ in source["stage"].leaves["id"]} - used
    if listed:
        _check_stages(bench, " without a table of stages", {}, dict.fromkeys(listed, "false"))


def _is_recorded(bench: Bench) -> bool:
    """Whether the vendor tells changes; what is inferred of the present cannot be behind it."""
    return (
        _has_history(bench) and not bench.finished("opportunity_history")["is_reconstructed"].all()
    )


def _has_history(bench: Bench) -> bool:
    return {"opportunity", "opportunity_history"} <= set(bench.entities)


def _recorded(bench: Bench) -> dict[tuple[str, str], list[pd.Timestamp]]:
    """Raw tables of history and their column of the moment -> the moments of their rows."""
    own = {table for table, _ in bench.source["opportunity"].leaves["id"]}
    found = {}
    for table, column in sorted(bench.source["opportunity_history"].leaves["changed_at"]):
        if table in own or bench.schema[table][column] != "timestamp":
            continue
        sql = f'select distinct "{column}" as at from typed."{table}" where "{column}" is not null'
        moments = sorted(pd.Timestamp(moment) for moment in bench.query(sql)["at"])
        if moments:
            found[table, column] = moments
    return found


def _changed(history: pd.DataFrame, moment: pd.Timestamp) -> set[str]:
    """Deals of which a change of stage is recorded at the moment."""
    stages = history[(history["field"] == "stage") & (history["changed_at"] == moment)]
    return set(stages[~stages["is_reconstructed"].astype(bool)]["opportunity_id"])


def _check_ends(history: pd.DataFrame, stages: Mapping[str, str], where: str) -> None:
    """The last stage of each deal is its present one."""
    changes = history[history["field"] == "stage"]
    for deal, own in changes.groupby("opportunity_id"):
        if deal not in stages:
            continue
        latest = own[own["changed_at"] == own["changed_at"].max()]
        standing = latest[latest["valid_to"].isna()] if "valid_to" in latest else latest
        last = (latest if standing.empty else standing)["stage_id"].iloc[-1]
        assert last == stages[deal], (
            f"{deal}: its history ends in {last}, but it is in {stages[deal]}{where}"
        )


def _check_stages(
    bench: Bench, where: str, changes: Mapping[str, Mapping[str, str]], only: Mapping[str, str]
) -> None:
    known = set(bench.mapped("stage", changes, only)["id"])
    history = bench.mapped("opportunity_history", changes, only)
    stages = history[history["field"] == "stage"]["stage_id"]
    assert not stages.isna().any(), f"a change to no stage{where}"
    unknown = sorted(set(stages) - known)
    assert not unknown, f"the history is in {unknown[0]}, which is not among the stages{where}"


PROMISES = (
    history_is_in_order_and_ends_at_the_present,
    a_stage_that_a_change_left_counts_from_the_creation,
    a_history_that_is_behind_is_brought_to_the_present,
    a_stage_that_only_the_history_knows_takes_part,
)

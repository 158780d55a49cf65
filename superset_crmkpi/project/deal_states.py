"""Stages of deals, and which of them are won or lost, by their names and flags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.project.contents import Contents, shown
from superset_crmkpi.project.guess import GuessedTable
from superset_crmkpi.project.guessed_values import allowed_value, case, one_of

if TYPE_CHECKING:
    from superset_crmkpi.project.guessed_select import GuessedEntity

#: words of an open stage, as deals usually pass them
_ORDER = [
    "new",
    "lead",
    "prospect",
    "appointment",
    "contact",
    "discovery",
    "qualif",
    "demo",
    "meeting",
    "analysis",
    "need",
    "proposal",
    "quote",
    "offer",
    "decision",
    "negotiat",
    "contract",
    "verbal",
]
#: words of an end that is neither won nor lost
_ENDED = frozenset(
    ["closed", "cancelled", "canceled", "abandoned", "dead", "rejected", "disqualified", "done"]
)


def state_of(name: str) -> str:
    """open, won or lost, by the words of a name."""
    words = set(re.findall("[a-z']+", name.lower()))  # won't buy is not won
    if "won" in words and not words & {"not", "lost"}:
        return "won"
    return "lost" if "lost" in words else "open"


def _states(values: list[str]) -> tuple[dict[str, str], str]:
    """The values that are won or lost, and the doubt about them."""
    ends = {value: state for value in values if (state := state_of(value)) != "open"}
    unclear = [
        value
        for value in values
        if value not in ends and _ENDED & set(re.findall("[a-z]+", value.lower()))
    ]
    doubts = [f"no value says {state}" for state in ("won", "lost") if state not in ends.values()]
    if unclear:
        doubts.append(f"counted as open: {shown(unclear)}")
    return ends, "; ".join(doubts)


def opportunity_status(
    deals: GuessedEntity,
    table: GuessedTable,
    stages: GuessedTable | None,
    stage: GuessedEntity,
    contents: Contents,
) -> str:
    """Stage, pipeline and status of the deals; `stages` is the table their stage leads to.

    Returns the condition that a deal has ended, where a column of its own tells.
    """
    own = table.columns.get("stage_id")
    if own is not None and stage.columns:
        deals.columns["stage_id"] = contents.quoted(own)
        deals.columns["pipeline_id"] = "'default'"
    column = load_model()["opportunity"].columns["status"]
    for name in ("status", "stage_id"):
        given = table.columns.get(name)
        if given is None or (name == "stage_id" and stages is not None):
            continue
        values = contents.values(table.schema, table.table, given) or []
        ends, doubt = _states(values)
        if ends or (values and all(allowed_value(value, column) for value in values)):
            sql = case(contents.quoted(given), ends, contents, "open") if ends else "'open'"
            deals.columns["status"] = sql
            if doubt:
                deals.unsure["status"] = doubt
            texts = [contents.text(value) for value in ends]
            return one_of(contents.quoted(given), texts) if texts else ""
    if stages is not None and own is not None and stage.columns.get("is_won", "false") != "false":
        _status_of_stages(deals, table, stages, stage, contents)
    else:
        deals.unsure["status"] = "write open, won or lost: no value of a status or stage says won"
    return ""


def _status_of_stages(
    deals: GuessedEntity,
    table: GuessedTable,
    stages: GuessedTable,
    stage: GuessedEntity,
    contents: Contents,
) -> None:
    """The status by the flags of the stage that the deal leads to."""
    quoted, text = contents.quoted, contents.type("text")
    key, own = quoted(stages.columns["id"]), quoted(table.columns["stage_id"])
    ids = f"select cast({key} as {text}) from {quoted(stages.table)} where"
    is_won, is_closed = stage.columns["is_won"], stage.columns["is_closed"]
    deals.columns["status"] = (
        f"case when cast({own} as {text}) in ({ids} {is_won}) then 'won'"
        f" when cast({own} as {text}) in ({ids} {is_closed}) then 'lost' else 'open' end"
    )
    if "is_won" in stage.unsure:
        deals.unsure["status"] = stage.unsure["is_won"]


def stage_of_table(stage: GuessedEntity, table: GuessedTable, contents: Contents) -> None:
    """The entity `stage` of a table of stages."""
    columns = {name: contents.quoted(own) for name, own in table.columns.items()}
    own = table.columns["name"]
    names = contents.values(table.schema, table.table, own) or []
    ends, doubt = _states(names)
    stage.columns = {
        "id": columns["id"],
        "name": columns["name"],
        "pipeline_id": "'default'",
        "object_type": "'opportunity'",
        "display_order": columns.get("display_order", ""),
        "is_closed": _among(columns["name"], list(ends), contents),
        "is_won": _among(columns["name"], _of(ends, "won"), contents),
        "is_active": "true",
    }
    if not stage.columns["display_order"]:
        stage.columns["display_order"] = _order(columns["name"], names, contents)
        stage.unsure["display_order"] = "by the usual order of such names"
    flags = {name: _flag(table, name, contents) for name in ("is_won", "is_closed")}
    for name, flag in flags.items():
        if flag:
            stage.columns[name] = flag
    if flags["is_won"] and not flags["is_closed"]:
        stage.columns["is_closed"] = f"({flags['is_won']}) or {stage.columns['is_closed']}"
    if doubt and not flags["is_won"]:
        stage.unsure["is_won"] = doubt
    if any("pipeline" in name.lower() for name in table.kinds):
        stage.unsure["pipeline_id"] = "several pipelines? Stages and deals name theirs"


def stage_of_deals(stage: GuessedEntity, table: GuessedTable, contents: Contents) -> bool:
    """The entity `stage` of the stages that deals name; False where these are too many."""
    own = table.columns["stage_id"]
    values = contents.values(table.schema, table.table, own)
    if not values:
        return False
    name = contents.quoted(own)
    ends, _ = _states(values)
    stage.columns = {
        "id": name,
        "name": name,
        "pipeline_id": "'default'",
        "object_type": "'opportunity'",
        "display_order": _order(name, values, contents),
        "is_closed": _among(name, list(ends), contents),
        "is_won": _among(name, _of(ends, "won"), contents),
        "is_active": "true",
    }
    stage.source += f"\nwhere {name} is not null"
    stage.unsure["display_order"] = "by the usual order of such names"
    return True


def _flag(table: GuessedTable, column: str, contents: Contents) -> str:
    """A column of the table that says yes or no, as a condition; empty without one."""
    own = table.columns.get(column)
    tests = {"boolean": "", "integer": " <> 0"}
    if own is None or table.kind(column) not in tests:
        return ""
    return f"coalesce({contents.quoted(own)}{tests[table.kind(column)]}, false)"


def _of(ends: dict[str, str], state: str) -> list[str]:
    return [value for value, found in ends.items() if found == state]


def _among(name: str, values: list[str], contents: Contents) -> str:
    """A condition that is never null."""
    if not values:
        return "false"
    texts = [contents.text(value) for value in values]
    return f"case when {one_of(name, texts)} then true else false end"


def _order(name: str, values: list[str], contents: Contents) -> str:
    """The place of each value: by its words, won and lost at the end."""

    def rank(value: str) -> tuple[int, int, str]:
        state = ("open", "won", "lost").index(state_of(value))
        known = (n for n, word in enumerate(_ORDER) if word in value.lower())
        return state, next(known, len(_ORDER)), value

    whens = [
        f"when {contents.text(value)} then {place}"
        for place, value in enumerate(sorted(values, key=rank), start=1)
    ]
    return f"case {name} {' '.join(whens)} end" if whens else "0"

"""A SELECT for each guessed table: casts that its contents allow, `-- ?` where it is not sure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from superset_crmkpi.canonical.model import Column, load_model
from superset_crmkpi.project.contents import Contents
from superset_crmkpi.project.deal_states import opportunity_status, stage_of_deals, stage_of_table
from superset_crmkpi.project.guess import GuessedTable
from superset_crmkpi.project.guessed_values import Leave, value_of


@dataclass
class GuessedEntity:
    """An entity as one table may give it. `unsure`: what a person has to look at."""

    entity: str
    table: str
    #: column -> its expression in SQL
    columns: dict[str, str] = field(default_factory=dict)
    #: column -> why it is left out, or what to look at
    unsure: dict[str, str] = field(default_factory=dict)
    #: what the SELECT reads from, as it stands in SQL
    source: str = ""
    distinct: bool = False
    #: columns of the table that the SELECT does not read
    unread: list[str] = field(default_factory=list)

    @property
    def sql(self) -> str:
        """The SELECT, laid out, with its doubts as comments."""
        names = list(self.columns)
        lines = ["select distinct" if self.distinct else "select"]
        for name, expression in self.columns.items():
            given = expression if expression == name else f"{expression} as {name}"
            comma = "," if name != names[-1] else ""
            doubt = f"  -- ? {self.unsure[name]}" if name in self.unsure else ""
            lines.append(f"  {given}{comma}{doubt}")
        lines += [f"  -- ? {n}: {why}" for n, why in self.unsure.items() if n not in names]
        return "\n".join([*lines, self.source]) if self.source else "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "sql": self.sql}


def guessed_entities(
    tables: Mapping[str, GuessedTable], contents: Contents
) -> dict[str, GuessedEntity]:
    """The SELECTs of all guessed tables of a schema, in the order of the tables."""
    readable: dict[str, GuessedTable] = {}
    samples: dict[str, dict[str, list[Any]]] = {}
    for entity, table in tables.items():
        try:
            samples[entity] = contents.sample(table.schema, table.table, table.columns.values())
            readable[entity] = table
        except SQLAlchemyError:  # the catalogue shows it, and it may not be read
            continue
    found = {
        entity: _entity(table, readable, samples[entity], contents)
        for entity, table in readable.items()
        if entity != "stage"
    }
    deals = found.get("opportunity")
    if deals is not None:
        _with_stages(deals, found, readable, contents)
    return found


def _entity(
    table: GuessedTable,
    tables: Mapping[str, GuessedTable],
    samples: Mapping[str, list[Any]],
    contents: Contents,
) -> GuessedEntity:
    source = f"from {contents.quoted(table.table)}"
    guessed = GuessedEntity(table.entity, table.table, source=source)
    if not table.by_name:
        guessed.unsure["id"] = "taken by the names of its columns alone"
    model = load_model()[table.entity].columns
    for name, own in table.columns.items():
        if name not in model or (table.entity == "opportunity" and name in ("stage_id", "status")):
            continue
        lost = ""
        try:
            if model[name].references is not None:
                lost = _lost_references(table, model[name], tables, contents)
            value = value_of(table, model[name], samples[own], contents)
        except Leave as reason:
            guessed.unsure[name] = str(reason)
            continue
        guessed.columns[name] = value.sql
        if value.doubt or lost:
            guessed.unsure[name] = "; ".join(filter(None, (value.doubt, lost)))
    _complete(guessed, table, contents)
    read = set(table.columns.values())
    guessed.unread = [name for name in table.kinds if name not in read]
    return guessed


def _lost_references(
    table: GuessedTable, column: Column, tables: Mapping[str, GuessedTable], contents: Contents
) -> str:
    """The doubt where some references lead to no row of that entity. Leave, where most do."""
    own = table.columns[column.name]
    target = tables.get(str(column.references))
    if target is None:
        raise Leave(f"`{own}` leads to no table that was taken ({column.references})")
    key = target.columns["id"]
    given, led = contents.leading(table.schema, table.table, own, target.table, key)
    found = f"{led} of {given} values of `{own}` are an id of `{target.table}`"
    if led * 2 < given:
        raise Leave(found)
    return found if led < given else ""


def _complete(guessed: GuessedEntity, table: GuessedTable, contents: Contents) -> None:
    """What the model wants of every row, where another column or the table's name tells it."""
    columns, quoted = table.columns, contents.quoted
    if guessed.entity == "user":
        names = [quoted(columns[n]) for n in ("first_name", "last_name") if n in columns]
        if names and "name" not in guessed.columns:
            parts = ", ' ', ".join(names)
            guessed.columns["name"] = f"trim(concat({parts}))"
        if "is_active" not in columns:
            guessed.columns["is_active"] = "true"
            guessed.unsure["is_active"] = "no column tells it"
    if guessed.entity == "contact" and "account_id" not in guessed.columns:
        guessed.unsure.setdefault("account_id", "no column leads to an account")
    if guessed.entity == "activity":
        if "activity_type" not in columns:
            kinds = {"task": "task", "call": "call", "event": "meeting"}
            kind = next((k for word, k in kinds.items() if word in table.table.lower()), None)
            guessed.columns["activity_type"] = contents.text(kind or "task")
            if kind is None:
                guessed.unsure["activity_type"] = "no column tells it"
        if "status" not in columns and "completed_at" in guessed.columns:
            done = guessed.columns["completed_at"]
            guessed.columns["status"] = f"case when {done} is null then 'open' else 'completed' end"
            guessed.unsure["status"] = f"by `{columns['completed_at']}`"
    if guessed.entity == "subscription" and "status" not in columns:
        end = guessed.columns.get("ended_at")
        if end is not None:
            guessed.columns["status"] = f"case when {end} is null then 'active' else 'expired' end"
            guessed.unsure["status"] = f"by `{columns['ended_at']}`; an end in the future is none"


def _with_stages(
    deals: GuessedEntity,
    found: dict[str, GuessedEntity],
    tables: Mapping[str, GuessedTable],
    contents: Contents,
) -> None:
    """Stage and status of the deals, and the entity `stage` of its table or of the deals."""
    table, stages = tables["opportunity"], tables.get("stage")
    own = table.columns.get("stage_id")
    leads = False
    if stages is not None and own is not None:
        key = stages.columns["id"]
        given, led = contents.leading(table.schema, table.table, own, stages.table, key)
        leads = given > 0 and led * 2 >= given
    if stages is not None and leads:
        made = GuessedEntity("stage", stages.table, source=f"from {contents.quoted(stages.table)}")
        stage_of_table(made, stages, contents)
        read = set(stages.columns.values())
        made.unread = [name for name in stages.kinds if name not in read]
    elif own is not None:
        made = GuessedEntity("stage", table.table, source=deals.source, distinct=True)
        if not stage_of_deals(made, table, contents):
            deals.unsure["stage_id"] = f"`{own}` has too many values to be a stage"
            made.columns = {}
    else:
        made = GuessedEntity("stage", table.table)
    ended = opportunity_status(deals, table, stages if leads else None, made, contents)
    if ended:
        _planned_closing(deals, table, ended, contents)
    if made.columns:
        pipeline = GuessedEntity("pipeline", made.table)
        pipeline.columns = {
            "id": "'default'",
            "name": "'Default'",
            "object_type": "'opportunity'",
            "is_active": "true",
        }
        found["pipeline"], found["stage"] = pipeline, made


def _planned_closing(
    deals: GuessedEntity, table: GuessedTable, ended: str, contents: Contents
) -> None:
    """Where open deals have a day of closing too, it is planned until they are closed."""
    closed = deals.columns.get("closed_at")
    where = f"case when {ended} then 0 else 1 end = 1 and {closed} is not null"
    if closed is None or not contents.has(table.schema, table.table, where):
        return
    deals.columns["closed_at"] = f"case when {ended} then {closed} end"
    if "expected_close_date" not in table.columns:
        deals.columns["expected_close_date"] = closed
        own = table.columns["closed_at"]
        deals.unsure["expected_close_date"] = f"open deals have `{own}` too: is it planned?"

"""Whether the reader of the warehouse sees the rows that are there.

Row-level security and missing grants make no error: tables have no row, or are not there at all,
and each KPI would be a zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlglot import exp

from superset_crmkpi.connectors.source import MappedSource
from superset_crmkpi.project.project import Project

#: what a source is connected for: without a row in any of them it answers nothing
LEADING = ("account", "opportunity", "lead", "contact", "ticket", "subscription", "campaign")


@dataclass(frozen=True)
class Reading:
    """What the reader sees.

    `empty`: source -> tables without a row, of those that entities get their ids from; `alarms`:
    sources that read nothing of what they are there for; `notes`: tables seen in part, or not.
    """

    empty: Mapping[str, Sequence[str]]
    alarms: Sequence[str] = field(default_factory=list)
    notes: Sequence[str] = field(default_factory=list)


def reading(project: Project) -> Reading:
    """Ask the warehouse, as the profile's user, about the tables of each source."""
    empty, alarms, notes = dict[str, list[str]](), list[str](), list[str]()
    for source in project.sources:
        tables = _main_tables(source)
        without = [name for name in sorted(tables) if not _has_row(project.engine, tables[name])]
        if without:
            empty[source.name] = without
        secured = _row_security(project.engine, tables)
        alarms += _alarms(source, tables, without, secured)
        notes += [
            f"source {source.name}: row-level security decides which rows of {name} this reader "
            "sees; a policy that hides some makes every number too small"
            for name in secured
            if name not in without
        ]
        notes += [
            f"source {source.name}: {name} is there, but this reader may not select from it: "
            f"run `grant select on {name} to <reader>` if the connector is to read it"
            for name in _not_granted(project.engine, source.source.schema_)
        ]
    return Reading(empty, alarms, notes)


def _alarms(
    source: MappedSource,
    tables: Mapping[str, exp.Table],
    without: Sequence[str],
    secured: Sequence[str],
) -> Iterator[str]:
    leading = sorted(_main_tables(source, LEADING)) or sorted(tables)
    if leading and set(leading) <= set(without):
        none = len(without) == len(tables)
        yield (
            f"source `{source.name}` reads no row {'at all' if none else 'of any'} "
            f"({', '.join(leading[:4])}): may its reader see them (row-level security, grants), "
            "and has the loader run?"
        )
    for name in secured:
        if name in without:
            yield (
                f"source `{source.name}`: row-level security hides every row of {name} from this "
                "reader, or it has none; give the reader a policy, or `bypassrls`"
            )


def _main_tables(source: MappedSource, entities: Sequence[str] = ()) -> dict[str, exp.Table]:
    """`schema.table` -> the table, of those that entities, or all, get their ids from."""
    return {
        f"{physical.schema}.{physical.name}": physical.table
        for entity in source
        if source.usable(entity) and (entity in entities or not entities)
        for physical in source[entity].main_tables
    }


def _has_row(engine: Engine, table: exp.Table) -> bool:
    query = exp.select("1 as one").from_(table).limit(1)
    with engine.connect() as connection:
        text = query.sql(dialect="postgres" if engine.name == "postgresql" else engine.name)
        return connection.exec_driver_sql(text).first() is not None


def _row_security(engine: Engine, tables: Mapping[str, exp.Table]) -> list[str]:
    """Those of the tables whose rows a policy chooses for this reader."""
    if engine.name != "postgresql":
        return []
    asked = sa.text("select row_security_active(cast(cast(:name as text) as regclass))")
    with engine.connect() as connection:
        return [
            name
            for name, table in sorted(tables.items())
            if connection.execute(asked, {"name": table.sql(dialect="postgres")}).scalar_one()
        ]


def _not_granted(engine: Engine, schema: str | None) -> list[str]:
    """Tables of the schema that this reader may not select from; the catalogue shows them."""
    if engine.name != "postgresql" or not schema:
        return []
    asked = sa.text(
        "select c.relname from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace"
        " where n.nspname = :schema and c.relkind in ('r', 'p', 'v', 'm', 'f')"
        " and not has_any_column_privilege(c.oid, 'select') order by c.relname"
    )
    with engine.connect() as connection:
        return [f"{schema}.{row[0]}" for row in connection.execute(asked, {"schema": schema})]

"""`crmkpi build`: calendars and canonical entities as tables, facts as views, in a schema of ours.

Each table is made aside (`<name>__next`) and all are swapped in by one transaction, with the views
over them, so a reader sees the old ones or the new ones. What is ours is written down in
`crmkpi_builds`; a table of the same name that is not there is somebody else's, and refused.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.logs import timed
from superset_crmkpi.compile.relations import FACT
from superset_crmkpi.project.project import Project
from superset_crmkpi.project.remember import remembered
from superset_crmkpi.warehouse.built import (
    LEDGER,
    Entry,
    definition_of,
    entries,
    relations_in,
    write,
)

logger = logging.getLogger(__name__)

NEXT = "__next"

Say = Callable[[str], None]


def build(project: Project, progress: Say = lambda _: None, dry_run: bool = False) -> list[Entry]:
    """Make all canonical tables from the live SQL, and the facts of the dashboards over them.

    `dry_run` only compiles and checks. Raises CrmKpiError, with nothing changed, for tables of
    others in the way or failing SQL.
    """
    engine, schema = project.engine, project.profile.schema_
    tables = [*project.live.calendars, *project.model]
    views = [FACT + fact for fact in project.facts_shown]
    theirs = relations_in(engine, schema) - _ours(engine, schema)
    clash = sorted(theirs & {*tables, *(name + NEXT for name in tables), *views, LEDGER})
    if clash:
        raise CrmKpiError(
            f"`{schema}.{clash[0]}` is in the way and was not made by crmkpi build; "
            "move it, or choose another `schema:` in the profile"
        )

    def compile_tables() -> dict[str, str]:
        return {name: _told(progress, name, project.live.entity) for name in tables}

    compiled = remembered(project, "tables", compile_tables)
    facts = compiled_facts(project, progress)
    if dry_run:
        return [
            *(Entry(name, "table", 0, None) for name in tables),
            *(Entry(name, "view", None, None) for name in views),
        ]
    return _make(engine, schema, compiled, facts, progress)


def compiled_facts(project: Project, progress: Say = lambda _: None) -> dict[str, str]:
    """View -> SQL, over the tables of a build, of each fact that the dashboards read."""

    def compile_facts() -> dict[str, str]:
        shown = project.facts_shown
        return {FACT + name: _told(progress, name, _fact_of(project)) for name in shown}

    made: dict[str, str] = remembered(project, "facts", compile_facts)
    return made


def _fact_of(project: Project) -> Callable[[str], str]:
    """Compiles what datasets may show of a fact: there is no personal data in a view either."""
    return lambda name: project.built.fact(name, project.built.shown(name))


def _told(progress: Say, name: str, compile_: Callable[[str], str]) -> str:
    progress(f"compiling {name}")
    return compile_(name)


def stale(project: Project) -> str:
    """Why the dashboards cannot read what the last build made; '' where they can."""
    schema = project.profile.schema_
    made = entries(project.engine, schema)
    if not made:
        return f"`{schema}` was not built yet; run `crmkpi build`"
    facts = compiled_facts(project)
    missing = [name for name in facts if name not in made]
    if missing:
        return f"`{schema}.{missing[0]}` is not there{_more(missing)}; run `crmkpi build`"
    other = [name for name, sql in facts.items() if made[name].definition != definition_of(sql)]
    if other:
        return (
            f"`{schema}.{other[0]}` was made by other definitions than the profile has now"
            f"{_more(other)}; run `crmkpi build`"
        )
    return ""


def check_built(project: Project) -> None:
    """CrmKpiError where dashboards over built facts would find them missing, or of old."""
    fault = stale(project) if project.profile.mode == "built" else ""
    if fault:
        raise CrmKpiError(fault)


def _more(names: Sequence[str]) -> str:
    return f" (and {len(names) - 1} more)" if len(names) > 1 else ""


def _make(
    engine: Engine,
    schema: str,
    tables: Mapping[str, str],
    views: Mapping[str, str],
    progress: Say,
) -> list[Entry]:
    quoted = engine.dialect.identifier_preparer.quote

    def place(name: str) -> str:
        return f"{quoted(schema)}.{quoted(name)}"

    before = entries(engine, schema)
    done: list[Entry] = []
    at = ""
    try:
        with engine.begin() as connection:
            _run(connection, f"create schema if not exists {quoted(schema)}")
            _drop(connection, "table", (place(name + NEXT) for name in tables))
        for name, sql in tables.items():
            at = name
            progress(f"building {name}")
            with timed(logger, f"built {name}") as outcome, engine.begin() as connection:
                rows = _filled(connection, place(name + NEXT), sql)
                outcome.append(f"{rows:,} rows")
            done.append(Entry(name, "table", rows, definition_of(sql)))
        at = ""
        progress("swapping in")
        with engine.begin() as connection:
            # the views first: PostgreSQL drops no table that a view reads
            _drop(connection, "view", (place(e.name) for e in before.values() if e.kind == "view"))
            for name in tables:
                _drop(connection, "table", [place(name)])
                _run(connection, f"alter table {place(name + NEXT)} rename to {quoted(name)}")
            for name, sql in views.items():
                at = name
                _run(connection, f"create view {place(name)} as {sql}")
                done.append(Entry(name, "view", None, definition_of(sql)))
            at = ""
            write(connection, schema, done)
    except SQLAlchemyError as error:
        with engine.begin() as connection:
            _drop(connection, "table", (place(name + NEXT) for name in tables))
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        where = f" at {at}" if at else ""
        raise CrmKpiError(f"build failed{where}, nothing was changed: {reason}") from error
    return done


def _filled(connection: Connection, table: str, sql: str) -> int:
    """Makes a table of a query; gives its number of rows."""
    _run(connection, f"create table {table} as {sql}")
    if connection.engine.dialect.name == "postgresql":
        # its planner knows nothing of a new table before autovacuum comes by
        _run(connection, f"analyze {table}")
    return int(connection.execute(sa.text(f"select count(*) from {table}")).scalar_one())


def _drop(connection: Connection, kind: str, names: Iterable[str]) -> None:
    for name in names:
        _run(connection, f"drop {kind} if exists {name}")


def _run(connection: Connection, sql: str) -> None:
    """Execute text as it is: a colon in it is no parameter."""
    connection.execute(sa.text(sql.replace(":", r"\:")))


def _ours(engine: Engine, schema: str) -> set[str]:
    """Tables that the ledger says we made, what a broken run left aside, and the ledger."""
    if not relations_in(engine, schema) & {LEDGER}:
        return set()
    names = set(entries(engine, schema))
    return {*names, *(name + NEXT for name in names), LEDGER}

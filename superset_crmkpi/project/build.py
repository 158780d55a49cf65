"""`crmkpi build`: calendars and canonical entities as tables in a schema of ours.

Each table is made aside (`<name>__next`) and all are swapped in by one transaction, so a reader
sees the old ones or the new ones. What is ours is written down in `crmkpi_builds`; a table of the
same name that is not there is somebody else's, and refused.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.logs import timed
from superset_crmkpi.project.project import Project
from superset_crmkpi.project.remember import remembered
from superset_crmkpi.warehouse.connect import existing_schemas, snapshot

logger = logging.getLogger(__name__)

LEDGER = "crmkpi_builds"
NEXT = "__next"


@dataclass(frozen=True)
class Built:
    """One table that was made, with its number of rows."""

    table: str
    rows: int


def build(
    project: Project, progress: Callable[[str], None] = lambda _: None, dry_run: bool = False
) -> list[Built]:
    """Make all canonical tables from the live SQL. `dry_run` only compiles and checks.

    Raises CrmKpiError, with nothing changed, for tables of others in the way or failing SQL.
    """
    engine, schema = project.engine, project.profile.schema_
    names = [*project.live.calendars, *project.model]
    theirs = _tables(engine, schema) - _ours(engine, schema)
    clash = sorted(theirs & {*names, *(name + NEXT for name in names), LEDGER})
    if clash:
        raise CrmKpiError(
            f"`{schema}.{clash[0]}` is in the way and was not made by crmkpi build; "
            "move it, or choose another `schema:` in the profile"
        )

    def compile_all() -> dict[str, str]:
        found = {}
        for name in names:
            progress(f"compiling {name}")
            found[name] = project.live.entity(name)
        return found

    compiled = remembered(project, "tables", compile_all)
    if dry_run:
        return [Built(name, 0) for name in names]
    return _make(engine, schema, compiled, progress)


def _make(
    engine: Engine, schema: str, compiled: dict[str, str], progress: Callable[[str], None]
) -> list[Built]:
    quote = engine.dialect.identifier_preparer.quote
    done: list[Built] = []
    try:
        with engine.begin() as connection:
            _run(connection, f"create schema if not exists {quote(schema)}")
            for name in compiled:
                _run(connection, f"drop table if exists {quote(schema)}.{quote(name + NEXT)}")
        for name, sql in compiled.items():
            progress(f"building {name}")
            aside = f"{quote(schema)}.{quote(name + NEXT)}"
            with timed(logger, f"built {name}") as outcome, engine.begin() as connection:
                _run(connection, f"create table {aside} as {sql}")
                rows = connection.execute(sa.text(f"select count(*) from {aside}")).scalar_one()
                if engine.dialect.name == "postgresql":
                    # its planner knows nothing of a new table before autovacuum comes by
                    _run(connection, f"analyze {aside}")
                outcome.append(f"{rows:,} rows")
            done.append(Built(name, int(rows)))
        progress("swapping in")
        with engine.begin() as connection:
            ledger = f"{quote(schema)}.{LEDGER}"
            _run(
                connection,
                f"create table if not exists {ledger} "
                "(table_name varchar(200), row_count bigint, built_at timestamp)",
            )
            for built in done:
                table = quote(built.table)
                _run(connection, f"drop table if exists {quote(schema)}.{table}")
                aside = quote(built.table + NEXT)
                _run(connection, f"alter table {quote(schema)}.{aside} rename to {table}")
            _run(connection, f"delete from {ledger}")
            connection.execute(
                sa.text(f"insert into {ledger} values (:name, :rows, :at)"),
                [
                    {
                        "name": b.table,
                        "rows": b.rows,
                        "at": datetime.now(timezone.utc).replace(tzinfo=None),
                    }
                    for b in done
                ],
            )
    except SQLAlchemyError as error:
        _drop_aside(engine, schema, list(compiled))
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        at = f" at {list(compiled)[len(done)]}" if len(done) < len(compiled) else ""
        raise CrmKpiError(f"build failed{at}, nothing was changed: {reason}") from error
    return done


def _drop_aside(engine: Engine, schema: str, names: list[str]) -> None:
    quote = engine.dialect.identifier_preparer.quote
    with engine.begin() as connection:
        for name in names:
            _run(connection, f"drop table if exists {quote(schema)}.{quote(name + NEXT)}")


def _run(connection: Connection, sql: str) -> None:
    """Execute text as it is: a colon in it is no parameter."""
    connection.execute(sa.text(sql.replace(":", r"\:")))


def _tables(engine: Engine, schema: str) -> set[str]:
    return set(snapshot(engine, [schema]).schema(schema))


def _ours(engine: Engine, schema: str) -> set[str]:
    """Tables that the ledger says we made, what a broken run left aside, and the ledger."""
    if schema not in existing_schemas(engine) or LEDGER not in _tables(engine, schema):
        return set()
    with engine.connect() as connection:
        rows = connection.execute(sa.text(f"select table_name from {schema}.{LEDGER}"))
        names = {str(row[0]) for row in rows}
    return {*names, *(name + NEXT for name in names), LEDGER}

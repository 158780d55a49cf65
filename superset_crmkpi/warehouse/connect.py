"""The warehouse as it is: connect, and see which tables and columns there are."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.secrets import expand_uri
from superset_crmkpi.base.types import Kind, kind_named
from superset_crmkpi.dialects import FIXES, dialect_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Snapshot:
    """Tables of some schemas: (schema, table) -> column -> kind.

    `unique`: (schema, table) -> sets of columns of which the engine lets no two rows be equal.
    """

    tables: Mapping[tuple[str, str], Mapping[str, Kind]] = field(default_factory=dict)
    unique: Mapping[tuple[str, str], Sequence[frozenset[str]]] = field(default_factory=dict)

    def schema(self, name: str) -> dict[str, Mapping[str, Kind]]:
        """Tables of one schema by name."""
        return {table: columns for (s, table), columns in self.tables.items() if s == name}

    def schemas(self) -> set[str]:
        return {schema for schema, _ in self.tables}


def connect(uri: str) -> Engine:
    """An engine for `uri` (with ${VARIABLES}). CrmKpiError when it cannot be reached.

    Connections are not kept: while one to a DuckDB file is open, a process cannot open that file
    with other settings, as Superset does.
    """
    try:
        full = expand_uri(uri)
    except CrmKpiError as error:
        raise CrmKpiError(f"database.uri: {error.message}") from error
    try:
        engine = watched(sa.create_engine(full, future=True, poolclass=NullPool))
        with engine.connect() as connection:
            connection.execute(sa.text("select 1"))
    except (ArgumentError, ImportError, sa.exc.NoSuchModuleError) as error:
        raise CrmKpiError(f"database.uri: no driver for it is installed: {error}") from error
    except Exception as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        shown = sa.engine.make_url(full).render_as_string(hide_password=True)
        raise CrmKpiError(
            f"database.uri: {shown} cannot be reached: {reason}; is the server up, the name right?"
        ) from error
    logger.info("connected to %s", engine.url.render_as_string(hide_password=True))
    return engine


def watched(engine: Engine) -> Engine:
    """The engine, its statements logged with their seconds; never their parameters."""

    def before(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        connection.info["crmkpi_begun"] = time.monotonic()

    def after(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if logger.isEnabledFor(logging.DEBUG):
            seconds = time.monotonic() - connection.info.get("crmkpi_begun", time.monotonic())
            logger.debug("%.2f s:\n%s", seconds, statement)

    sa.event.listen(engine, "before_cursor_execute", before)
    sa.event.listen(engine, "after_cursor_execute", after)
    return engine


def fetched(engine: Engine, sql: str) -> list[dict[str, Any]]:
    """Rows of a finished query (column -> value)."""
    with engine.connect() as connection:
        return [dict(row._mapping) for row in executed(connection, sql)]


def executed(connection: Connection, sql: str) -> Any:
    """The result of a finished query, its percent signs kept from drivers that format it."""
    formats = connection.engine.dialect.paramstyle in ("pyformat", "format")
    return connection.exec_driver_sql(sql.replace("%", "%%") if formats else sql)


def snapshot(engine: Engine, schemas: Iterable[str]) -> Snapshot:
    """What lies in `schemas` now. CrmKpiError when one of them does not exist."""
    wanted = sorted(set(schemas))
    if not wanted:
        return Snapshot()
    catalog = " and table_catalog = current_database()" if engine.name == "duckdb" else ""
    query = sa.text(
        "select table_schema, table_name, column_name, data_type from information_schema.columns"
        f" where table_schema in :schemas{catalog}"
        " order by table_schema, table_name, ordinal_position"
    ).bindparams(sa.bindparam("schemas", expanding=True))
    tables: dict[tuple[str, str], dict[str, Kind]] = {}
    dialect = dialect_of(engine.name)
    try:
        with engine.connect() as connection:
            for schema, table, column, kind in connection.execute(query, {"schemas": wanted}):
                tables.setdefault((schema, table), {})[column] = kind_named(str(kind), dialect)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise CrmKpiError(f"the warehouse's tables cannot be listed: {reason}") from error
    logger.info("%d tables in %s", len(tables), ", ".join(wanted))
    return Snapshot(tables, _unique(engine, wanted))


def _unique(engine: Engine, schemas: Sequence[str]) -> dict[tuple[str, str], list[frozenset[str]]]:
    """The keys that tables declare, of engines that hold to what is declared."""
    if engine.name not in ("duckdb", "postgresql", "mysql", "mariadb"):
        return {}
    catalog = " and c.constraint_catalog = current_database()" if engine.name == "duckdb" else ""
    query = sa.text(
        "select c.table_schema, c.table_name, c.constraint_name, k.column_name"
        " from information_schema.table_constraints as c"
        " join information_schema.key_column_usage as k"
        " on k.constraint_schema = c.constraint_schema and k.constraint_name = c.constraint_name"
        " and k.table_schema = c.table_schema and k.table_name = c.table_name"
        " where c.constraint_type in ('PRIMARY KEY', 'UNIQUE') and c.table_schema in :schemas"
        f"{catalog} order by 1, 2, 3, 4"
    ).bindparams(sa.bindparam("schemas", expanding=True))
    found: dict[tuple[str, str, str], set[str]] = {}
    try:
        with engine.connect() as connection:
            for schema, table, name, column in connection.execute(query, {"schemas": schemas}):
                found.setdefault((schema, table, name), set()).add(column)
    except SQLAlchemyError as error:  # then each table is looked through
        logger.info("no keys in the catalogue: %s", str(error).splitlines()[0])
    keys: dict[tuple[str, str], list[frozenset[str]]] = {}
    for (schema, table, _), columns in found.items():
        keys.setdefault((schema, table), []).append(frozenset(columns))
    return keys


def existing_schemas(engine: Engine) -> set[str]:
    """Names of all schemas."""
    query = sa.text("select schema_name from information_schema.schemata")
    with engine.connect() as connection:
        return {str(row[0]) for row in connection.execute(query)}


def advice(engine: Engine) -> list[str]:
    """What of the warehouse stands in the way, each with its remedy where there is one."""
    if FIXES[dialect_of(engine.name)].mean_for_median:
        return ["this database has no median: where a KPI is one, the mean is shown and said so"]
    if dialect_of(engine.name) == "clickhouse":
        return [
            "ClickHouse gives up on plans as long as those of a few facts: run "
            "`alter user <reader> settings query_plan_max_optimizations_to_apply = 1000000`"
        ]
    if engine.name != "postgresql":
        return []
    with engine.connect() as connection:
        jit = connection.execute(sa.text("show jit")).scalar_one()
    if jit != "on":
        return []
    return [
        "PostgreSQL compiles long queries just in time (jit = on), which takes seconds per tile: "
        "run `alter role <reader> set jit = off`, or `crmkpi build`"
    ]

"""The engines that SQL is executed on in tests, by name: `open_engine("duckdb")`."""

from __future__ import annotations

import sqlglot
from superset.sql.parse import SQLScript

from superset_crmkpi import dialects
from tests.engines.base import Engine
from tests.engines.clickhouse import ClickHouse
from tests.engines.duckdb import DuckDb
from tests.engines.mariadb import MariaDb
from tests.engines.postgres import Postgres
from tests.engines.spark import Spark
from tests.engines.sqlite import Sqlite

ENGINES: dict[str, type[Engine]] = {
    "clickhouse": ClickHouse,
    "duckdb": DuckDb,
    "postgres": Postgres,
    "spark": Spark,
    "mariadb": MariaDb,
    "sqlite": Sqlite,
}


def open_engine(kind: str) -> Engine:
    """A new, empty schema on the engine `kind`."""
    return ENGINES[kind]()


#: sqlglot's dialect -> the engine name by which Superset looks it up
_SUPERSET_ENGINES = {"postgres": "postgresql", "clickhouse": "clickhousedb"}


def reprinted(sql: str, dialect: str) -> str:
    """The SQL parsed and printed again by Superset's own code, as it does before it runs it."""
    return str(SQLScript(sql, _SUPERSET_ENGINES.get(dialect, dialect)).format())


def compiled(canonical: str, dialect: str) -> str:
    """Canonical SQL for an engine, printed a second time as Superset does."""
    query = dialects.finish(sqlglot.parse_one(canonical, dialect="duckdb"), dialect)
    return reprinted(query.sql(dialect=dialect), dialect)


__all__ = [
    "ENGINES",
    "ClickHouse",
    "DuckDb",
    "Engine",
    "MariaDb",
    "Postgres",
    "Spark",
    "Sqlite",
    "compiled",
    "open_engine",
    "reprinted",
]

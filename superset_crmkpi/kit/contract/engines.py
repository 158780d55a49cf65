"""The promise that PostgreSQL gives the same rows as DuckDB."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from superset_crmkpi.kit.contract.bench import Bench, NotRun, rows
from superset_crmkpi.kit.contract.expected import plain

#: a server where a database may be made and dropped
VARIABLE = "CRMKPI_TEST_POSTGRES"
DEFAULT = "postgresql://postgres@127.0.0.1/postgres"


def postgresql_gives_the_same_rows_as_duckdb(bench: Bench) -> None:
    """Every entity, row by row."""
    with _database() as engine:
        project = bench.loaded(engine)
        for name in bench.entities:
            one = comparable(bench.finished(name))
            other = comparable(rows(engine, project.live.entity(name)))
            assert len(one) == len(other), f"{name}: {len(one)} rows, on PostgreSQL {len(other)}"
            for column in one:
                pairs = zip(one.index, one[column], other[column], strict=True)
                different = [f"{key}: {a}, on PostgreSQL {b}" for key, a, b in pairs if a != b]
                assert not different, f"{name}.{column}: {different[0]}"


def comparable(frame: pd.DataFrame) -> pd.DataFrame:
    """Finished rows by id, their cells as texts."""
    kept = frame.drop(columns="synced_at").set_index("id").sort_index()
    return kept.map(_text)


def _text(value: object) -> str:
    """A cell as text; a number as text, as histories hold them, compares by its value."""
    given = plain(value)
    if given is None or isinstance(given, bool):
        return "" if given is None else str(given)
    try:
        return f"{float(given):.9g}"
    except (TypeError, ValueError):
        return str(given)


@contextmanager
def _database() -> Iterator[Engine]:
    """A database of its own, dropped at the end. NotRun without a server."""
    uri = sa.engine.make_url(os.environ.get(VARIABLE, DEFAULT))
    admin = sa.create_engine(uri, isolation_level="AUTOCOMMIT", future=True)
    name = f"crmkpi_contract_{uuid4().hex[:12]}"
    try:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"create database {name}")
    except (sa.exc.OperationalError, ImportError) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise NotRun(f"no PostgreSQL at {uri}: {reason}; set {VARIABLE}") from error
    engine = sa.create_engine(uri.set(database=name), future=True)
    try:
        yield engine
    finally:
        engine.dispose()
        with admin.connect() as connection:
            connection.exec_driver_sql(f"drop database {name} with (force)")
        admin.dispose()


PROMISES = (postgresql_gives_the_same_rows_as_duckdb,)

"""SQLite, in memory. Dates and times are ISO texts, as SQLAlchemy and pandas write them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pandas as pd

from tests.engines.base import Engine
from tests.engines.mariadb import plain_rows

TYPES = {
    "text": "text",
    "date": "text",
    "timestamp": "text",
    "boolean": "integer",
    "bigint": "integer",
    "double": "real",
}


class Sqlite(Engine):
    dialect = "sqlite"
    date_literal = "'"

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.schema = "main"

    def query(self, sql: str) -> pd.DataFrame:
        cursor = self.connection.execute(sql)
        return pd.DataFrame(cursor.fetchall(), columns=[d[0] for d in cursor.description])

    def execute(self, sql: str) -> None:
        self.connection.execute(sql)

    def load(self, table: str, types: Mapping[str, str], frame: pd.DataFrame) -> None:
        columns = ", ".join(f'"{c}" {TYPES[t]}' for c, t in types.items())
        self.execute(f'create table {self.schema}."{table}" ({columns})')
        rows = [tuple(map(_stored, row)) for row in plain_rows(frame, list(types))]
        places = ", ".join("?" * len(types))
        self.connection.executemany(f'insert into {self.schema}."{table}" values ({places})', rows)

    def close(self) -> None:
        self.connection.close()


def _stored(value: Any) -> Any:
    """The value as SQLite holds it."""
    if isinstance(value, datetime):
        return value.isoformat(" ", "microseconds")
    return value.isoformat() if isinstance(value, date) else value

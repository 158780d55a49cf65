"""DuckDB, in memory."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pandas as pd

from tests.engines.base import Engine

TYPES = {"text": "varchar"}


class DuckDb(Engine):
    dialect = "duckdb"

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.schema = "crmkpi"
        self.execute("create schema crmkpi")

    def query(self, sql: str) -> pd.DataFrame:
        return self.connection.execute(sql).df()

    def execute(self, sql: str) -> None:
        self.connection.execute(sql)

    def load(self, table: str, types: Mapping[str, str], frame: pd.DataFrame) -> None:
        columns = ", ".join(f'"{c}" {TYPES.get(t, t)}' for c, t in types.items())
        self.execute(f'create table {self.schema}."{table}" ({columns})')
        if len(frame):
            self.connection.register("incoming", frame)
            names = ", ".join(f'"{c}"' for c in types)
            self.execute(
                f'insert into {self.schema}."{table}" ({names}) select {names} from incoming'
            )
            self.connection.unregister("incoming")

    def close(self) -> None:
        self.connection.close()

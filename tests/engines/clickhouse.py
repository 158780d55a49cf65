"""ClickHouse inside of this process (chdb); a database per engine.

Keys of tables are not nullable, as they are in most ClickHouse warehouses: a join that finds
nothing gives '' for them unless the SQL takes care.
"""

from __future__ import annotations

import atexit
import itertools
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from tests.engines.base import Engine
from tests.engines.parquet import write_parquet

TYPES = {
    "text": "Nullable(String)",
    "double": "Nullable(Float64)",
    "bigint": "Nullable(Int64)",
    "boolean": "Nullable(Bool)",
    "date": "Nullable(Date32)",
    "timestamp": "Nullable(DateTime64(6, 'UTC'))",
}
#: what a connection has to set, for the facts that read many others (crm_impacts): ClickHouse puts
#: a CTE in the place of each of its readers and gives up on plans of so many steps
SETTINGS = {"query_plan_max_optimizations_to_apply": 1_000_000}
_counter = itertools.count()


class ClickHouse(Engine):
    dialect = "clickhouse"
    _session: Any = None
    _folder = ""

    def __init__(self) -> None:
        self.schema = f"c{next(_counter)}"
        self.session = self._open()
        self.execute(f"create database {self.schema}")

    @classmethod
    def _open(cls) -> Any:
        """One session for the whole process: chdb knows only one."""
        from chdb.session import Session

        if cls._session is None:
            cls._folder = tempfile.mkdtemp(prefix="crmkpi-clickhouse-")
            cls._session = Session(cls._folder)
            for name, value in SETTINGS.items():
                cls._session.query(f"set {name} = {value}")

            def drop() -> None:
                cls._session.close()
                shutil.rmtree(cls._folder, ignore_errors=True)

            atexit.register(drop)
        return cls._session

    def query(self, sql: str) -> pd.DataFrame:
        table = self.session.query(sql, "ArrowTable")
        frame = table.to_pandas(date_as_object=True)
        for name in frame.select_dtypes("datetimetz"):
            frame[name] = frame[name].dt.tz_localize(None)
        return frame

    def execute(self, sql: str) -> None:
        self.session.query(sql)

    def create_table(self, name: str, sql: str) -> None:
        self.execute(f"create table {name} engine = Memory as {sql}")

    def load(self, table: str, types: Mapping[str, str], frame: pd.DataFrame) -> None:
        kinds = {c: "String" if c == "id" else TYPES[t] for c, t in types.items()}
        columns = ", ".join(f'"{c}" {kind}' for c, kind in kinds.items())
        self.execute(f'create table {self.schema}."{table}" ({columns}) engine = Memory')
        if len(frame):
            path = Path(self._folder) / "incoming.parquet"
            write_parquet(frame, types, path)
            self.execute(
                f"insert into {self.schema}.\"{table}\" select * from file('{path}', Parquet)"
            )

    def close(self) -> None:
        self.execute(f"drop database {self.schema}")

"""What every engine offers to tests."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd


class Engine:
    """One empty schema on an engine; `dialect` is sqlglot's name for it."""

    dialect: str
    schema: str

    def query(self, sql: str) -> pd.DataFrame:
        raise NotImplementedError

    def execute(self, sql: str) -> None:
        raise NotImplementedError

    def load(self, table: str, types: Mapping[str, str], frame: pd.DataFrame) -> None:
        raise NotImplementedError

    #: how a date literal begins on the engine
    date_literal = "date '"

    def create_table(self, name: str, sql: str) -> None:
        """A table (`schema.name`) of the rows of a query."""
        self.execute(f"create table {name} as {sql}")

    def close(self) -> None:
        """Drop the schema and free what it holds."""

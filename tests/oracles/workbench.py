"""One warehouse per engine whose rows are exchanged: facts are compiled once, not per example."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from tests.canonical import Canonical, canonical

TODAY = date(2026, 6, 30)
HOLIDAYS = (date(2026, 5, 1), date(2026, 6, 4))


class Workbench:
    """A canonical warehouse of `kind` with the entities named in `entities` to be refilled."""

    def __init__(
        self, kind: str, entities: Sequence[str], *, today: date = TODAY, **settings: Any
    ) -> None:
        self.db: Canonical = canonical(kind, {}, settings=settings, today=today, holidays=HOLIDAYS)
        self.entities = list(entities)
        self._sql: dict[str, str] = {}
        self._made: list[str] = []
        self._filled: set[str] = set()
        if kind == "postgres":
            self.db.engine.execute("set jit = off")

    def fill(self, frames: Mapping[str, pd.DataFrame]) -> None:
        """Replace the rows of the entities of this bench; those not given become empty."""
        for fact in self._made:
            self.db.engine.execute(f"drop table {self.db.engine.schema}.fact_{fact}")
        self._made.clear()
        for name in self.entities:
            if name in frames or name in self._filled:
                self.db.fill(name, frames.get(name))
        self._filled = set(frames)

    def fact(self, name: str) -> pd.DataFrame:
        return self.db.sql(f"select * from {self._table(name)}")

    def kpi(self, name: str, where: str = "1 = 1") -> float | None:
        """The KPI over its fact, filtered as Superset filters."""
        kpi = self.db.compiler.catalog.kpis[name]
        frame = self.db.sql(
            f"select {self.db.compiler.expression(kpi)} as value"
            f" from {self._table(kpi.fact)} as virtual_table where {where}"
        )
        value = frame["value"].iloc[0]
        return None if pd.isna(value) else float(value)

    def measure(self, fact: str, name: str) -> object:
        """A measure over the whole fact."""
        sql = self.db.compiler.catalog.facts[fact].measure(name).sql
        made = self.db.compiler.measure(fact, sql)
        return self.db.sql(f"select {made} as value from {self._table(fact)} as t")["value"][0]

    def _table(self, fact: str) -> str:
        """The fact as a table of its own, made once per filling."""
        table = f"{self.db.engine.schema}.fact_{fact}"
        if fact not in self._made:
            if fact not in self._sql:
                self._sql[fact] = self.db.compiler.fact(fact)
            self.db.engine.execute(f"create table {table} as {self._sql[fact]}")
            self._made.append(fact)
        return table

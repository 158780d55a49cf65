"""A workbench for the sales facts that asks all KPIs of a fact in one query."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import pandas as pd

from tests.oracles.sales_frames import ENTITIES, sales_frames
from tests.oracles.workbench import Workbench

Values = dict[str, float | None]


#: engine and seed of each random example
EXAMPLES = [("duckdb", seed) for seed in range(12)] + [
    ("postgres", seed) for seed in (100, 101, 102)
]


@lru_cache
def sales_bench(kind: str) -> SalesBench:
    """The bench of an engine, kept for the whole run: its facts are compiled once."""
    return SalesBench(kind)


class SalesBench:
    """The sales entities on the engine `kind`; `filled` exchanges their rows."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._bench = Workbench(kind, ENTITIES)
        self._facts: dict[str, str] = {}
        self._selects: dict[str, str] = {}
        self._seed: int | None = None

    def example(self, seed: int) -> Mapping[str, pd.DataFrame]:
        """The random frames of a seed, loaded unless they already are."""
        frames = sales_frames(seed)
        if seed != self._seed:
            self.filled(frames)
        self._seed = seed
        return frames

    def filled(self, frames: Mapping[str, pd.DataFrame]) -> Mapping[str, pd.DataFrame]:
        self._bench.fill(frames)
        self._seed = None
        return frames

    def fact(self, name: str) -> pd.DataFrame:
        return self._bench.db.sql(self._fact(name))

    def kpis(self, fact: str, where: str = "1 = 1") -> Values:
        """Every KPI of the fact over the rows of `where`."""
        return self.kpis_by(fact, "'all'", where).get("all", {})

    def kpis_by(self, fact: str, key: str, where: str = "1 = 1") -> dict[str, Values]:
        """Every KPI of the fact, per value of `key`; one entry 'all' for a constant key."""
        constant = key.startswith("'")
        group = "" if constant else f" group by {key}"
        frame = self._bench.db.sql(f"{self._select(fact, key)} where {where}{group}")
        return {
            str(row["key"]): {
                name: None if pd.isna(value) else float(value)
                for name, value in row.items()
                if name != "key"
            }
            for row in frame.to_dict("records")
        }

    def _fact(self, name: str) -> str:
        if name not in self._facts:
            self._facts[name] = self._bench.db.compiler.fact(name)
        return self._facts[name]

    def _select(self, fact: str, key: str) -> str:
        """The query as Superset writes it: aggregates over the fact as a subquery."""
        if fact + key not in self._selects:
            compiler = self._bench.db.compiler
            kpis = compiler.catalog.kpis_of(fact)
            aggregates = "".join(f", {compiler.expression(kpi)} as {kpi.name}" for kpi in kpis)
            self._selects[fact + key] = (
                f"select {key} as key{aggregates} from ({self._fact(fact)}) as virtual_table"
            )
        return self._selects[fact + key]

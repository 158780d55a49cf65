"""What each KPI says when a column that its fact reads has no value in any row.

To a fact, a column that no source maps and one that is null in every row are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd
import yaml
from sqlglot import exp

from superset_crmkpi.canonical.model import MANAGED, Entity
from superset_crmkpi.catalogue.definitions import Kpi
from tests.canonical import SCHEMA, Canonical, canonical
from tests.matrix.case import Case
from tests.matrix.page import SEEDS
from tests.matrix.run import same

#: KPI -> entity.column -> why the nought, or the hundred percent, is right without it
RIGHT = Path(__file__).parent / "missing_columns.yaml"


@dataclass(frozen=True)
class Loss:
    """A KPI that was `before`, and is `after` without the column."""

    kpi: str
    column: str
    before: float
    after: float | None

    def __str__(self) -> str:
        return f"{self.kpi} without {self.column}: {self.after:g}, with it {self.before:g}"

    @property
    def is_changed(self) -> bool:
        return not same(self.after, self.before)


def losses(case: Case) -> Iterator[Loss]:
    """Each KPI of the case whose value tells something, without each column it is made of."""
    frames = case.frames(SEEDS[0])
    db = canonical("duckdb", frames, today=case.today, **case.options)
    try:
        checked = {check.kpi for check in case.checks(frames) if check.asked is None}
        for name in sorted(checked):
            yield from _of_kpi(db, db.compiler.catalog.kpis[name])
    finally:
        db.engine.close()


def _of_kpi(db: Canonical, kpi: Kpi) -> Iterator[Loss]:
    compiler = db.compiler
    known = compiler.columns_of(kpi.fact)
    columns = {column.name for column in kpi.expression.find_all(exp.Column)} & set(known)
    read = sorted(columns) or known[:1]
    query = (
        f"select {compiler.expression(kpi)} as value from ({compiler.fact(kpi.fact, read)}) as f"
    )
    before = _value(db, query)
    if before is None or is_default(kpi, before):
        return
    for entity, used in sorted(compiler.demand(kpi.fact, read).items()):
        model = compiler.model[entity]
        sources = {model.source_column(column) for column in used} - {"id", *MANAGED}
        for column in sorted(sources):
            after = _without(db, model, column, query)
            yield Loss(kpi.name, f"{entity}.{column}", before, after)


def is_default(kpi: Kpi, value: float) -> bool:
    """What comes out where nothing was added up: nought, or the whole of it."""
    return same(value, 0.0) or (kpi.meta.unit == "percent" and same(value, 1.0))


def _without(db: Canonical, entity: Entity, column: str, query: str) -> float | None:
    gone = {column, *(name for name, of in entity.companions.items() if of.of == column)}
    taken = ", ".join(f'"{name}" = null' for name in sorted(gone))
    db.engine.execute("begin")
    try:
        db.engine.execute(f'update {SCHEMA}."{entity.name}" set {taken}')
        return _value(db, query)
    finally:
        db.engine.execute("rollback")


def _value(db: Canonical, query: str) -> float | None:
    value = db.sql(query)["value"].iloc[0]
    return None if pd.isna(value) else float(value)


@lru_cache(maxsize=1)
def right() -> dict[str, dict[str, str]]:
    """The reviewed list."""
    return yaml.safe_load(RIGHT.read_text(encoding="utf-8"))

"""Facts kept as tables, and several KPIs in one query, as compiling is slower than running."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tests.canonical import Canonical


def fact_table(db: Canonical, name: str) -> str:
    """Name of a table that holds the rows of the fact, made on first use."""
    table = f"{db.engine.schema}.fact_{name}"
    made: set[str] = db.__dict__.setdefault("fact_tables", set())
    if table not in made:
        db.engine.execute(f"create table {table} as {db.compiler.fact(name)}")
        made.add(table)
    return table


def fact(db: Canonical, name: str) -> pd.DataFrame:
    """All rows of a fact."""
    return db.sql(f"select * from {fact_table(db, name)}")


def kpis(
    db: Canonical, names: Sequence[str], where: str = "1 = 1", by: Sequence[str] = ()
) -> pd.DataFrame:
    """One row per group of `by` (one row without), one float column per KPI, null as NaN."""
    found = [db.compiler.catalog.kpis[name] for name in names]
    (source,) = {kpi.fact for kpi in found}
    columns = [*by, *(f"{db.compiler.expression(kpi)} as {kpi.name}" for kpi in found)]
    group_by = f" group by {', '.join(by)}" if by else ""
    virtual = f"(select * from {fact_table(db, source)}) as virtual_table"
    frame = db.sql(f"select {', '.join(columns)} from {virtual} where {where}{group_by}")
    return frame.astype(dict.fromkeys(names, float))

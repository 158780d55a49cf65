"""Several KPIs of one fact in one query: compiling a fact takes longer than running it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tests.canonical import Canonical


def kpis(
    db: Canonical, names: Sequence[str], where: str = "1 = 1", by: Sequence[str] = ()
) -> pd.DataFrame:
    """One row per group of `by` (one row without), one float column per KPI, null as NaN."""
    found = [db.compiler.catalog.kpis[name] for name in names]
    (fact,) = {kpi.fact for kpi in found}
    columns = [*by, *(f"{db.compiler.expression(kpi)} as {kpi.name}" for kpi in found)]
    group_by = f" group by {', '.join(by)}" if by else ""
    frame = db.sql(
        f"select {', '.join(columns)} from ({db.compiler.fact(fact)}) as virtual_table"
        f" where {where}{group_by}"
    )
    return frame.astype(dict.fromkeys(names, float))

"""Several KPIs of one fact in one query, and comparison with what an oracle says."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pytest

from tests.canonical import Canonical


def values(
    db: Canonical, kpis: Sequence[str], by: str | None = None, where: str = "1 = 1"
) -> dict[object, dict[str, float | None]]:
    """KPI values per value of the dimension `by` (None without one): {group: {kpi: value}}."""
    found = [db.compiler.catalog.kpis[name] for name in kpis]
    (fact,) = {kpi.fact for kpi in found}
    selects = [f"{db.compiler.expression(kpi)} as {kpi.name}" for kpi in found]
    select = ", ".join([*([by] if by else []), *selects])
    group_by = f" group by {by}" if by else ""
    rows = f"({db.compiler.fact(fact)}) as virtual_table where {where}"
    frame = db.sql(f"select {select} from {rows}{group_by}")
    return {
        (row[by] if by else None): {
            name: None if pd.isna(row[name]) else float(row[name]) for name in kpis
        }
        for row in frame.to_dict("records")
    }


def assert_same(found: float | None, expected: float | None, what: str) -> None:
    """Equal to nine digits; None only where None is expected."""
    if expected is None or found is None:
        assert found is expected, f"{what}: {found} is not {expected}"
    else:
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9), what

"""A report as the dashboards ask for it: a KPI and its measures, grouped by a dimension."""

from __future__ import annotations

import pandas as pd

from superset_crmkpi.catalogue.definitions import Catalog
from tests.oracles.workbench import Workbench

Report = dict[str, dict[str, float | None]]


def names(catalog: Catalog, kpi: str) -> list[str]:
    """The KPI and the measures its front matter lists."""
    found = catalog.kpis[kpi].meta.report
    assert found is not None
    return [kpi, *found.measures]


def report(bench: Workbench, kpi: str, by: str | None = None, where: str = "1 = 1") -> Report:
    """Value of `by` -> name -> value; one entry 'all' without `by`."""
    compiler = bench.db.compiler
    found = compiler.catalog.kpis[kpi]
    fact = compiler.catalog.facts[found.fact]
    selects = [f"{compiler.expression(found)} as {kpi}"]
    for measure in names(compiler.catalog, kpi)[1:]:
        sql = compiler.measure(found.fact, fact.meta.measures[measure].sql)
        selects.append(f"{sql} as {measure}")
    key = by or "'all'"
    group_by = f" group by {by}" if by else ""
    bench.fact(found.fact)  # makes the table
    frame = bench.db.sql(
        f"select {key} as key, {', '.join(selects)}"
        f" from {bench.db.engine.schema}.fact_{found.fact} as virtual_table"
        f" where {where}{group_by}"
    )
    return {
        str(row["key"]): {
            str(name): None if pd.isna(value) else float(value)
            for name, value in row.items()
            if name != "key"
        }
        for row in frame.to_dict("records")
    }

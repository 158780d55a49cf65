"""Companies whose money is read by a billing connector, from raw tables given as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.project import Project

TODAY = "2026-06-15"
Raw = Mapping[str, Sequence[Mapping[str, Any]]]


def company(connector: str, landing: str, **accounts: Raw) -> Project:
    """A company with an account of the vendor in each schema; all cells are texts."""
    engine = sa.create_engine("duckdb:///:memory:", poolclass=StaticPool)
    with engine.begin() as connection:
        for schema, tables in accounts.items():
            connection.exec_driver_sql(f"create schema {schema}")
            for table, rows in tables.items():
                frame = pd.DataFrame(rows).astype(object)
                columns = ", ".join(f'"{column}" varchar' for column in frame.columns)
                connection.exec_driver_sql(f'create table {schema}."{table}" ({columns})')
                for row in frame.itertuples(index=False):
                    cells = ["" if pd.isna(cell) else str(cell).replace("'", "''") for cell in row]
                    texts = ", ".join(f"nullif('{cell}', '')" for cell in cells)
                    connection.exec_driver_sql(f'insert into {schema}."{table}" values ({texts})')
    sources = {
        schema: {"connector": connector, "landing": landing, "schema": schema}
        for schema in accounts
    }
    given = {
        "database": {"name": "warehouse"},
        "sources": sources,
        "calendar": {"today": TODAY},
        "currency": {"reporting": "USD"},
    }
    return Project(Profile.model_validate(given), engine)


def monthly(project: Project, kpi: str = "mrr") -> dict[str, float]:
    """The KPI by month of 2026, up to this one."""
    compiler = project.live
    known = compiler.catalog.kpis[kpi]
    text = (
        f"select period_start, {compiler.expression(known)} as value"
        f" from ({compiler.fact(known.fact)}) as t"
        " where period_type = 'month' and period_start >= date '2026-01-01' group by period_start"
    )
    with project.engine.connect() as connection:
        rows = connection.exec_driver_sql(text).fetchall()
    return {f"{day:%b}": round(float(value), 4) for day, value in sorted(rows)}


def level(*values: float) -> dict[str, float]:
    """What `monthly` gives, from January on."""
    return dict(zip(("Jan", "Feb", "Mar", "Apr", "May", "Jun"), values, strict=False))

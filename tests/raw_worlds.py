"""Small raw tables of a vendor in a warehouse, and KPIs of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from superset_crmkpi.kit.contract.bench import rows
from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.project import Project

#: a raw table as lines of CSV: names of columns, then values; nothing is null
Tables = Mapping[str, str]


def duckdb() -> sa.engine.Engine:
    return sa.create_engine("duckdb:///:memory:", poolclass=StaticPool, future=True)


def world(engine: sa.engine.Engine, connector: str, landing: str, tables: Tables) -> Project:
    """A project over the tables, whose cells are texts; today is the 15th of June 2026."""
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("create schema raw")
        for table, text in tables.items():
            header, *lines = [line.strip() for line in text.strip().splitlines()]
            names = ", ".join(f'"{name}" varchar(400)' for name in header.split(","))
            connection.exec_driver_sql(f'create table raw."{table}" ({names})')
            for line in lines:
                cells = [f"'{cell}'" if cell else "null" for cell in line.split(",")]
                connection.exec_driver_sql(f'insert into raw."{table}" values ({", ".join(cells)})')
    source = {"connector": connector, "landing": landing, "schema": "raw"}
    given = {
        "database": {"name": "w"},
        "sources": {"crm": source},
        "calendar": {"time_zone": "UTC", "today": "2026-06-15"},
        "currency": {"reporting": "USD"},
    }
    return Project(Profile.model_validate(given), engine)


def kpi(project: Project, name: str) -> Any:
    """The value of a KPI over all rows."""
    found = _asked(project, name, "")
    value = found["value"].iloc[0]
    return None if pd.isna(value) else round(float(value), 4)


def kpi_by(project: Project, name: str, dimension: str) -> dict[str, Any]:
    """The KPI for each value of a dimension, where there is one."""
    found = _asked(project, name, dimension).dropna(subset=["value"])
    return {str(k): round(float(v), 4) for k, v in zip(found["k"], found["value"], strict=True)}


def _asked(project: Project, name: str, dimension: str) -> pd.DataFrame:
    compiler = project.compiler
    asked = compiler.catalog.kpis[name]
    of, by = (f'"{dimension}" as k, ', f' group by "{dimension}"') if dimension else ("", "")
    sql = (
        f"select {of}{compiler.expression(asked)} as value from ({compiler.fact(asked.fact)}) as f"
    )
    return rows(project.engine, sql + by)

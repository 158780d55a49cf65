"""Real data of others, loaded as it is: `../shared/data` beside the repository."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.pool import StaticPool
from sqlglot import exp

from superset_crmkpi.project.project import Project
from superset_crmkpi.warehouse.load import load_files
from tests.needs import need

DATA = Path(__file__).parents[3] / "shared" / "data"


def data(folder: str) -> Path:
    """A folder of the data; the module is skipped where there is none."""
    path = DATA / folder
    if not path.is_dir():
        pytest.skip(f"no real data: {path} is not there", allow_module_level=True)
    return path


def read(folder: str, name: str) -> pd.DataFrame:
    """A CSV file by pandas alone, all texts."""
    return pd.read_csv(DATA / folder / f"{name}.csv", dtype=str, encoding="utf-8-sig")


def loaded(folder: str) -> Engine:
    """A DuckDB in memory with the folder's files in schema `raw`."""
    engine = sa.create_engine("duckdb:///:memory:", poolclass=StaticPool, future=True)
    load_files(engine, "raw", [data(folder)])
    return engine


@pytest.fixture(scope="module")
def postgres() -> Iterator[Engine]:
    """A PostgreSQL database of its own, dropped at the end."""
    admin = sa.create_engine(
        "postgresql://postgres@127.0.0.1/postgres", isolation_level="AUTOCOMMIT", future=True
    )
    name = f"crmkpi_real_{os.getpid()}"
    try:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"create database {name}")
    except sa.exc.OperationalError as error:
        need("PostgreSQL on 127.0.0.1", False, str(error.orig))
    engine = sa.create_engine(f"postgresql://postgres@127.0.0.1/{name}", future=True)
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.exec_driver_sql(f"drop database {name} with (force)")
    admin.dispose()


class Answers:
    """Asks a project as Superset would: the live SQL of a fact, filtered and aggregated."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def rows(self, sql: str) -> pd.DataFrame:
        with self.project.engine.connect() as connection:
            result = connection.exec_driver_sql(sql.replace("%", "%%") if self._escapes else sql)
            names = list(result.keys())
            return pd.DataFrame([tuple(row) for row in result], columns=names, dtype=object)

    @property
    def _escapes(self) -> bool:
        return self.project.engine.name == "postgresql"

    def fact(self, name: str, columns: Sequence[str]) -> pd.DataFrame:
        return self.rows(self.project.live.fact(name, columns))

    def entity(self, name: str) -> pd.DataFrame:
        return self.rows(self.project.live.entity(name))

    def kpi(self, name: str, where: str = "1 = 1", uses: Sequence[str] = (), by: str = "") -> Any:
        """A KPI's value, or a Series by a dimension. `uses`: columns of `where`."""
        kpi = self.project.catalog.kpis[name]
        read_by_kpi = {column.name for column in kpi.expression.find_all(exp.Column)}
        columns = sorted(read_by_kpi | set(uses) | ({by} if by else set()))
        value = self.project.live.expression(kpi)
        fact = self.project.live.fact(kpi.fact, columns)
        group = f" group by {by}" if by else ""
        shown = f"{by}, " if by else ""
        frame = self.rows(f"select {shown}{value} as value from ({fact}) as t where {where}{group}")
        if by:
            return frame.set_index(by)["value"].astype(float).sort_index()
        return float(frame["value"].iloc[0])

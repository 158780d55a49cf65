"""Warehouses of their own for tests, and their rows as something that compares."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

POSTGRES = "postgresql+psycopg2://postgres@127.0.0.1:5432"
ENGINES = ["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)]


def postgres(name: str) -> Iterator[Engine]:
    """An engine for a database of its own, dropped afterwards."""
    admin = sa.create_engine(f"{POSTGRES}/postgres", isolation_level="AUTOCOMMIT", future=True)
    name = f"crmkpi_build_{name}_{os.getpid()}"
    with admin.connect() as connection:
        connection.exec_driver_sql(f"create database {name}")
    engine = sa.create_engine(f"{POSTGRES}/{name}?options=-c%20jit%3Doff", future=True)
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.exec_driver_sql(f"drop database {name} with (force)")
    admin.dispose()


def duckdb(folder: Path) -> Iterator[Engine]:
    engine = sa.create_engine(f"duckdb:///{folder / 'warehouse.duckdb'}", future=True)
    yield engine
    engine.dispose()


def run(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def plain(value: Any) -> Any:
    """A cell as something that compares: numbers to nine digits, days as days."""
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float, Decimal)):
        number = float(value)
        return None if math.isnan(number) else float(f"{number:.9g}") + 0.0
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def rows(engine: Engine, sql: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        result = connection.exec_driver_sql(
            sql.replace("%", "%%") if "psycopg" in engine.dialect.driver else sql
        )
        found = [tuple(plain(value) for value in row) for row in result]
    return sorted(found, key=repr)


def same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Equal but for rounding: sums of floats depend on the order in which rows come."""
    return all(
        math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9)
        if isinstance(a, float) and isinstance(b, float)
        else a == b
        for a, b in zip(one, other, strict=True)
    )

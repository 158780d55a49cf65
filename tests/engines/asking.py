"""The value of one canonical expression on an engine."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from typing import Any

import pandas as pd
import pytest
import sqlglot

from superset_crmkpi import dialects
from superset_crmkpi.base.errors import CrmKpiError
from tests.engines.base import Engine


def refusing(refused: bool, what: str) -> AbstractContextManager[Any]:
    """Expects that what follows is refused in these words, if it is something `refused`."""
    return pytest.raises(CrmKpiError, match=what) if refused else nullcontext()


def without_zone(engine: Engine, zone: str) -> AbstractContextManager[Any]:
    return refusing(engine.dialect == "sqlite" and zone != "UTC", "SQLite has no time zones")


def value(engine: Engine, expression: str) -> Any:
    """The value of a canonical expression on the engine; None for null."""
    query = sqlglot.parse_one(f"select {expression} as value", dialect="duckdb")
    text = dialects.finish(query, engine.dialect).sql(dialect=engine.dialect)
    found = engine.query(text)["value"].iloc[0]
    return None if pd.isna(found) else found


def moment(engine: Engine, expression: str) -> datetime | None:
    found = value(engine, expression)
    return None if found is None else pd.Timestamp(found).to_pydatetime()


def day(engine: Engine, expression: str) -> date | None:
    found = moment(engine, expression)
    return None if found is None else found.date()

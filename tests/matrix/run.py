"""Runs cases on an engine: each fact becomes a table there, each KPI is asked of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from superset_crmkpi.catalogue.definitions import Kpi
from superset_crmkpi.dialects import mean_stands_in
from tests.canonical import Canonical, canonical
from tests.engines import ENGINES, reprinted
from tests.matrix.case import Case, Check
from tests.matrix.rows import difference

#: of the larger of the two values
PRECISION = 1e-9
UTC_ONLY = ("sqlite",)


@dataclass(frozen=True)
class Outcome:
    """`fault` is empty where engine and oracle agree."""

    engine: str
    case: str
    seed: int
    check: Check
    found: float | None
    fault: str


def run_case(case: Case, engine: str, seed: int) -> Iterator[Outcome]:
    """Every check of the case on the engine; SQL that fails is a fault of its KPIs."""
    if case.in_utc is not None and engine in UTC_ONLY:
        case = case.in_utc
    frames = case.frames(seed)
    db = canonical(engine, frames, today=case.today, **case.options)
    try:
        made: dict[str, str] = {}
        for check in case.checks(frames):
            found: float | None = None
            fault = ""
            try:
                found = _value(db, check, made)
                expected = _expected(db, check, made, engine)
                if not same(found, expected):
                    fault = f"{found}, expected {expected}"
            except Exception as error:
                fault = str(error).strip().splitlines()[0][:200]
            yield Outcome(engine, case.name, seed, check, found, fault)
    finally:
        db.engine.close()


def wrong_rows(case: Case, engine: str, seed: int) -> Iterator[str]:
    """How facts of the case differ from what they must hold row by row, on the engine."""
    frames = case.frames(seed)
    assert case.rows is not None
    db = canonical(engine, frames, today=case.today, **case.options)
    try:
        made: dict[str, str] = {}
        for rows in case.rows(frames):
            found = db.engine.query(
                f"select * from {_table(db, rows.fact, made)} where {rows.where}"
            )
            fault = difference(rows, found)
            if fault:
                yield fault
    finally:
        db.engine.close()


def _expected(db: Canonical, check: Check, made: dict[str, str], engine: str) -> float | None:
    catalog = db.compiler.catalog
    if check.asked is not None:
        return check.asked(catalog, lambda kpi, where: _value(db, Check(kpi, None, where), made))
    of_mean = is_mean(catalog.kpis[check.kpi], engine)
    return check.mean if of_mean else check.value


def _value(db: Canonical, check: Check, made: dict[str, str]) -> float | None:
    kpi = db.compiler.catalog.kpis[check.kpi]
    table = _table(db, kpi.fact, made)
    where = check.where.replace("date '", db.engine.date_literal)
    query = f"select {db.compiler.expression(kpi)} as value from {table} virtual_table"
    frame = db.engine.query(f"{reprinted(query, db.engine.dialect)} where {where}")
    value = frame["value"].iloc[0]
    return None if pd.isna(value) else float(value)


def _table(db: Canonical, fact: str, made: dict[str, str]) -> str:
    """The fact as a table, made on first use."""
    if fact not in made:
        made[fact] = f"{db.engine.schema}.fact_{fact}"
        text = reprinted(db.compiler.fact(fact), db.engine.dialect)
        db.engine.create_table(made[fact], text)
    return made[fact]


def is_mean(kpi: Kpi, engine: str) -> bool:
    """Whether the KPI is a percentile for which the mean stands in on the engine."""
    return mean_stands_in(kpi.expression, ENGINES[engine].dialect)


def same(found: float | None, expected: float | None) -> bool:
    if expected is None or found is None:
        return found is expected
    # not by hand: an infinite value is within a share of itself from any other
    return math.isclose(found, expected, rel_tol=PRECISION, abs_tol=PRECISION)

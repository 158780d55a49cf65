"""A KPI by hand: its inputs become one row (or more) of its fact, its own expression does the rest.

`calculator` in a KPI's file says which column of the fact comes of which inputs. Both that and the
KPI's expression run in an SQLite in memory, compiled as they are for a warehouse.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlglot import exp

from superset_crmkpi import dialects
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.settings import CompileSettings
from superset_crmkpi.base.sqlfile import parse_sql
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.catalogue.definitions import Catalog, Kpi, Scalar
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.relations import BuiltRelations

DIALECT = "sqlite"
Values = Sequence[float | None]
_NUMBER = re.compile(r"^-?(\d+(\.\d*)?|\.\d+)(e-?\d+)?(%?)$", re.IGNORECASE)


def inputs_of(kpi: Kpi) -> list[str]:
    """The inputs of a KPI's calculator, in the order of its first worked example."""
    named = [name for example in kpi.meta.examples for name in example.given]
    read = {
        column.name
        for text in kpi.meta.calculator.values()
        for column in _parsed(kpi, text).find_all(exp.Column)
    }
    return [*dict.fromkeys(name for name in named if name in read), *sorted(read - set(named))]


def calculate(catalog: Catalog, kpi: Kpi, given: Mapping[str, Values]) -> float | None:
    """The KPI's value; None where there is nothing to divide by. CrmKpiError for wrong inputs."""
    settings = CompileSettings(dialect=DIALECT)
    compiler = Compiler(load_model(), catalog, BuiltRelations(), settings)
    rows = rows_of(kpi, given)
    return _scalar(f"select {compiler.expression(kpi)} from ({_relation(rows)}) as {kpi.fact}")


def rows_of(kpi: Kpi, given: Mapping[str, Values]) -> list[dict[str, Scalar]]:
    """Rows of the KPI's fact: one per value of the inputs, which are equally many (or one)."""
    if not kpi.meta.calculator:
        raise CrmKpiError(f"{kpi.name} has no calculator; `crmkpi calc` lists those that have one")
    wanted = inputs_of(kpi)
    form = f"crmkpi calc {kpi.name} " + " ".join(f"{name}=..." for name in wanted)
    for name in given:
        if name not in wanted:
            raise CrmKpiError(f"`{name}` is not an input of {kpi.name}: {form}")
    for name in wanted:
        if name not in given:
            raise CrmKpiError(f"`{name}` is missing: {form}")
    length = max(len(values) for values in given.values())
    if any(len(values) not in (1, length) for values in given.values()):
        raise CrmKpiError(f"the lists of {kpi.name} differ in length; give each {length} values")
    inputs = [
        {name: values[0 if len(values) == 1 else place] for name, values in given.items()}
        for place in range(length)
    ]
    columns = [
        f"{_translated(_parsed(kpi, text))} as {name}" for name, text in kpi.meta.calculator.items()
    ]
    connection = sqlite3.connect(":memory:")
    try:
        found = connection.execute(f"select {', '.join(columns)} from ({_relation(inputs)})")
        return [dict(zip(kpi.meta.calculator, row, strict=True)) for row in found]
    finally:
        connection.close()


def read_values(text: str) -> list[float | None]:
    """`100`, `20%` (0.2), `2026-01-31` (a count of days), or several of them by commas."""
    return [_read(part.strip(), text) for part in text.split(",")]


def _read(part: str, text: str) -> float:
    match = _NUMBER.match(part)
    if match:
        number = float(part.rstrip("%"))
        return number / 100 if match.group(4) else number
    try:
        return float(date.fromisoformat(part).toordinal())
    except ValueError:
        raise CrmKpiError(
            f"`{text}`: write a number (1200.5), a percent (20%), a date (2026-01-31),"
            " or several with commas and without spaces"
        ) from None


def _parsed(kpi: Kpi, text: str) -> exp.Expression:
    return parse_sql(text, f"{kpi.file.path.name}: `calculator`")


def _translated(tree: exp.Expression) -> str:
    for column in tree.find_all(exp.Column):
        column.this.set("quoted", True)  # an input may be called `end`
    return dialects.finish(tree, DIALECT).sql(dialect=DIALECT)


def _relation(rows: Sequence[Mapping[str, Any]]) -> str:
    selects = []
    for row in rows:
        values = ", ".join(f'{_literal(value)} as "{name}"' for name, value in row.items())
        selects.append(f"select {values}")
    return " union all ".join(selects)


def _literal(value: Any) -> str:
    return "null" if value is None else repr(float(value))


def _scalar(query: str) -> float | None:
    connection = sqlite3.connect(":memory:")
    try:
        (value,) = connection.execute(query).fetchone()
    finally:
        connection.close()
    return None if value is None else float(value)

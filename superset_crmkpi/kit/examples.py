"""Worked examples of KPIs as queries: the rows they give, in the place of their fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlglot import exp

from superset_crmkpi.catalogue.definitions import Example, Kpi
from superset_crmkpi.compile.calculator import read_values, rows_of

_TYPES = {"text": "varchar", "double": "double precision"}


def given_rows(kpi: Kpi, example: Example) -> list[dict[str, Any]]:
    """Rows of the fact; whole numbers stay whole, for engines that divide those otherwise."""
    if example.rows:
        return [dict(row) for row in example.rows]
    values = {name: read_values(str(value)) for name, value in example.given.items()}
    return [
        {name: int(v) if isinstance(v, float) and v.is_integer() else v for name, v in row.items()}
        for row in rows_of(kpi, values)
    ]


def relation(rows: Sequence[Mapping[str, Any]], types: Mapping[str, str]) -> str:
    """Rows of a fact as a subquery with the fact's own types."""
    selects = []
    for row in rows:
        values = []
        for column, value in row.items():
            kind = _TYPES.get(types[column], types[column])
            # an example may count half a hit
            kind = "double precision" if isinstance(value, float | Decimal) else kind
            values.append(f"cast({_literal(value)} as {kind}) as {column}")
        selects.append("select " + ", ".join(values))
    return " union all ".join(selects)


def _literal(value: Any) -> str:
    return str(value) if isinstance(value, Decimal) else exp.convert(value).sql()

"""What a fact must hold row by row, in columns that no KPI reads, and how that is compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

Row = tuple[str | float | None, ...]


@dataclass(frozen=True)
class Rows:
    """What all rows of a fact hold in some columns, in any order.

    `expected` maps a column to its value: text, number, boolean or date; None is null. There are
    as many rows as expected; with a `key` there may be any number, and each holds what is expected
    of its key.
    """

    fact: str
    columns: Sequence[str]
    expected: Sequence[Mapping[str, Any]]
    key: Sequence[str] = ()
    where: str = "1 = 1"
    by: Sequence[str] = ()


def difference(rows: Rows, found: pd.DataFrame) -> str:
    """How the rows found differ from those expected; empty when they do not."""
    if not rows.expected and not rows.key:
        return "" if found.empty else f"{rows.fact}: {len(found)} rows, none is expected"
    frame = found[list(rows.columns)]
    if rows.by:
        sums = [column for column in rows.columns if column not in rows.by]
        numbers = frame[sums].astype(float).fillna(0.0)
        keys = [frame[column] for column in rows.by]
        frame = numbers.groupby(keys, dropna=False).sum().reset_index()[list(rows.columns)]
    given = Counter(tuple(map(_plain, row)) for row in frame.astype(object).itertuples(index=False))
    if rows.key:
        place = [list(rows.columns).index(column) for column in rows.key]
        known = {tuple(_plain(row[column]) for column in rows.key) for row in rows.expected}
        given = Counter({row for row in given if tuple(row[i] for i in place) in known})
    wanted = Counter(tuple(_plain(row[c]) for c in rows.columns) for row in rows.expected)
    lacking, surplus = list((wanted - given).elements()), list((given - wanted).elements())
    if not surplus and (rows.key or not lacking):
        return ""
    return (
        f"{rows.fact} ({', '.join(rows.columns)}): {len(surplus)} too many, such as {surplus[:1]};"
        f" {len(lacking)} lack, such as {near(lacking, surplus)}"
    )


def near(rows: list[Row], surplus: list[Row]) -> list[Row]:
    """Of `rows` the one most like the first of `surplus`."""
    like = surplus[0] if surplus else ()
    most = max(rows, key=lambda row: sum(row[i] == cell for i, cell in enumerate(like)), default=())
    return [most] if rows else []


def _plain(cell: Any) -> str | float | None:
    """Comparable across engines: dates as text, numbers and booleans as rounded numbers."""
    if cell is None or pd.isna(cell):
        return None
    if hasattr(cell, "isoformat"):
        return str(cell.isoformat())[:10]
    return cell if isinstance(cell, str) else round(float(cell), 6)

"""What a case of the matrix is: frames of a seed, and what they must give."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from superset_crmkpi.catalogue.definitions import Catalog
from tests.matrix.rows import Rows
from tests.oracles import (
    crm_impact,
    workbench,
)

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Check:
    """The value of one KPI over the rows of its fact in `where`; None means null."""

    kpi: str
    value: float | None
    where: str = "1 = 1"
    #: instead of a median, on an engine without percentiles
    mean: float | None = None
    #: instead of a value: what other KPIs, asked on the same engine, make of it
    asked: Callable[[Catalog, crm_impact.Ask], float | None] | None = None


@dataclass(frozen=True)
class Case:
    """`frames` makes a warehouse of a seed, `checks` says what it must hold."""

    name: str
    frames: Callable[[int], Frames]
    checks: Callable[[Frames], Iterator[Check]]
    today: date = workbench.TODAY
    options: Mapping[str, Any] = field(default_factory=dict)
    #: what facts must hold row by row, in columns that no KPI reads
    rows: Callable[[Frames], Iterator[Rows]] | None = None
    #: what stands in on an engine that knows no time zone but UTC
    in_utc: Case | None = None


def named(
    values: Mapping[str, float | None],
    where: str = "1 = 1",
    means: Mapping[str, float | None] | None = None,
) -> Iterator[Check]:
    for kpi, value in values.items():
        yield Check(kpi, value, where, (means or {}).get(kpi))


def telling(
    frames: Callable[[int], Frames], checks: Callable[[Frames], Iterator[Check]], *kpis: str
) -> Callable[[int], Frames]:
    """`frames`, of the first of seed, seed + 101, ... over which each of `kpis` is not null or 0.

    Random frames are often empty or of one row, which the tests of the KPIs want; an engine that
    agrees on null alone has shown little.
    """

    def made(seed: int) -> Frames:
        for shift in range(0, 5050, 101):
            found = frames(seed + shift)
            values = {c.kpi: c.value for c in checks(found) if c.where == "1 = 1"}
            if all(values[kpi] for kpi in kpis):
                return found
        raise ValueError(f"no frames of seed {seed} tell of {', '.join(kpis)}")

    return made

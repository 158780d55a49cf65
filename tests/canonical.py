"""A canonical warehouse made from DataFrames, to run facts and KPIs on.

Companion columns (`x_date`, `x_minute`, `x_epoch`, `x_base`) are computed here with pandas, apart
from the compiler's SQL. Money is taken to be in the reporting currency, unless `x_base` is given.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import pandas as pd

from superset_crmkpi.base.settings import CalendarSettings, CompileSettings
from superset_crmkpi.canonical.model import Entity
from superset_crmkpi.catalogue.definitions import Catalog
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.compile.compiler import Compiler
from tests.compiled import Remembering
from tests.engines import Engine, open_engine

WEEK = dict.fromkeys(range(1, 6), (9 * 60, 17 * 60))
PANDAS_TYPES = {
    "text": "object",
    "timestamp": "datetime64[us]",
    "date": "object",
    "boolean": "boolean",
    "bigint": "Int64",
    "double": "Float64",
}


#: how SQL here calls the schema of an engine, whatever that one's name is
SCHEMA = "crmkpi"
_NAMED = re.compile(rf"(?<![\w.])([`\"]?){SCHEMA}\1(?=\.)")
#: compilers are kept, so that what one engine's cases share is compiled once per process
_compilers: OrderedDict[tuple[int, str], Compiler] = OrderedDict()
MOST_COMPILERS = 24


class Tables(Engine):
    """An engine whose canonical tables are made when SQL first names them."""

    schema = SCHEMA

    def __init__(self, engine: Engine, make: Callable[[str], None], names: Iterable[str]) -> None:
        self.inner = engine
        self.dialect = engine.dialect
        self.date_literal = engine.date_literal
        self._make = make
        self._missing = set(names)

    def query(self, sql: str) -> pd.DataFrame:
        return self.inner.query(self._ready(sql))

    def execute(self, sql: str) -> None:
        self.inner.execute(self._ready(sql))

    def create_table(self, name: str, sql: str) -> None:
        self.inner.create_table(_NAMED.sub(self.inner.schema, name), self._ready(sql))

    def load(self, table: str, types: Mapping[str, str], frame: pd.DataFrame) -> None:
        self._missing.discard(table)
        self.inner.load(table, types, frame)

    def close(self) -> None:
        self.inner.close()

    def anew(self, table: str) -> None:
        """The table is made again when it is named the next time."""
        if table not in self._missing:
            self.inner.execute(f"drop table {self.inner.schema}.{table}")
            self._missing.add(table)

    def _ready(self, sql: str) -> str:
        # any word counts: a table too many costs time, one too few is an error of the engine
        for table in sorted(self._missing.intersection(re.findall(r"\w+", sql))):
            if table in self._missing:  # a calendar, which reads others, may have made it
                self._missing.discard(table)
                self._make(table)
        return _NAMED.sub(self.inner.schema, sql)


class Canonical:
    """Tables of the canonical model in one schema of one engine; answers facts and KPIs."""

    def __init__(
        self, engine: Engine, compiler: Compiler, frames: Mapping[str, pd.DataFrame]
    ) -> None:
        self.compiler = compiler
        self._frames = dict(frames)
        self.engine = Tables(engine, self._make, [*compiler.model, *compiler.calendars])

    def fill(self, entity: str, frame: pd.DataFrame | None) -> None:
        """Other rows for an entity; none without a frame."""
        self._frames.pop(entity, None)
        if frame is not None:
            _check_columns(self.compiler.model[entity], frame)
            self._frames[entity] = frame
        self.engine.anew(entity)

    def _make(self, table: str) -> None:
        if table in self.compiler.calendars:
            self.engine.create_table(f"{SCHEMA}.{table}", self.compiler.entity(table))
            return
        entity, frame = self.compiler.model[table], self._frames.get(table)
        if frame is None:  # completing it would take its time
            rows = pd.DataFrame(columns=list(entity.schema))
        else:
            rows = complete(entity, frame, self.compiler.settings.calendar.time_zone)
        self.engine.load(table, entity.schema, rows)

    def sql(self, query: str) -> pd.DataFrame:
        return self.engine.query(query)

    def fact(self, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """All rows of a fact."""
        return self.engine.query(self.compiler.fact(name, columns))

    def kpi(self, name: str, where: str = "1 = 1", by: Sequence[str] = ()) -> Any:
        """The KPI as Superset would ask for it: over the fact as a subquery, filtered, grouped."""
        kpi = self.compiler.catalog.kpis[name]
        groups = ", ".join(by)
        select = f"{groups + ', ' if groups else ''}{self.compiler.expression(kpi)} as value"
        group_by = f" group by {groups} order by {groups}" if groups else ""
        frame = self.engine.query(
            f"select {select} from ({self.compiler.fact(kpi.fact)}) as virtual_table"
            f" where {where}{group_by}"
        )
        if by:
            return frame
        value = frame["value"].iloc[0]
        return None if pd.isna(value) else float(value)


def canonical(
    kind: str,
    frames: Mapping[str, pd.DataFrame],
    *,
    settings: Mapping[str, Any] | None = None,
    today: date = date(2026, 6, 30),
    time_zone: str = "UTC",
    week: Mapping[int, tuple[int, int]] = WEEK,
    holidays: Sequence[date] = (),
    catalog: Catalog | None = None,
) -> Canonical:
    """A warehouse of `kind` ("duckdb" or "postgres") holding `frames` (entity -> rows).

    A table is made when SQL first names it: most facts read few of them.

    `week`: ISO weekday -> (open, close) minutes of the schedule 'default'; `holidays`: its
    closed days.
    """
    engine = open_engine(kind)
    compiler = _compiler(
        catalog or load_catalog(),
        CompileSettings(
            dialect=engine.dialect,
            calendar=CalendarSettings(time_zone=time_zone, today=today),
            values=settings or {},
        ),
    )
    unknown = set(frames) - set(compiler.model)
    assert not unknown, f"no such entity: {unknown}"
    for name, frame in frames.items():
        _check_columns(compiler.model[name], frame)
    hours = {"business_hours": business_hours(week, holidays)}
    return Canonical(engine, compiler, {**hours, **frames})


def _compiler(catalog: Catalog, settings: CompileSettings) -> Compiler:
    key = id(catalog), repr(settings)
    if key not in _compilers:
        _compilers[key] = Remembering(catalog, SCHEMA, settings)
    _compilers.move_to_end(key)
    while len(_compilers) > MOST_COMPILERS:
        _compilers.popitem(last=False)
    return _compilers[key]


def _check_columns(entity: Entity, frame: pd.DataFrame) -> None:
    unknown = set(frame.columns) - set(entity.columns)
    assert not unknown, f"{entity.name}: no such column: {unknown}"


def business_hours(week: Mapping[int, tuple[int, int]], holidays: Sequence[date]) -> pd.DataFrame:
    """Rows of the entity business_hours for one schedule named 'default'."""
    rows = [
        {"id": f"w{day}", "name": "default", "weekday": day, "start_minute": a, "end_minute": b}
        for day, (a, b) in week.items()
    ]
    rows += [
        {
            "id": f"h{d}",
            "name": "default",
            "weekday": 1,
            "start_minute": 0,
            "end_minute": 0,
            "holiday_date": d,
        }
        for d in holidays
    ]
    return pd.DataFrame(rows)


def complete(entity: Entity, frame: pd.DataFrame | None, time_zone: str) -> pd.DataFrame:
    """The frame with every canonical column (null when missing) and every companion."""
    source = pd.DataFrame() if frame is None else frame.reset_index(drop=True)
    _check_columns(entity, source)
    out: dict[str, pd.Series] = {}
    for column in entity.columns.values():
        if column.name in source:
            out[column.name] = _typed(source[column.name], column.type)
        elif column.name == "amount_base" and "amount" in source:
            out[column.name] = _typed(source["amount"], column.type)
    for companion in entity.companions.values():
        base = out.get(companion.of)
        if base is None:
            continue
        if companion.kind == "base":
            out.setdefault(companion.name, base)
        elif companion.kind == "epoch":
            seconds = (base - pd.Timestamp(0)) // pd.Timedelta(seconds=1)
            out[companion.name] = seconds.astype("Int64")
        elif entity.columns[companion.of].type == "date":
            out[companion.name] = base
        else:
            local = base.dt.tz_localize("UTC").dt.tz_convert(time_zone)
            if companion.kind == "date":
                out[companion.name] = pd.Series(
                    [None if pd.isna(t) else t.date() for t in local], dtype=object
                )
            else:
                out[companion.name] = (local.dt.hour * 60 + local.dt.minute).astype("Int64")
    for name, kind in entity.schema.items():
        if name not in out:
            out[name] = _nulls(PANDAS_TYPES[kind], len(source))
    return pd.DataFrame({name: out[name] for name in entity.schema}, index=source.index)


def _typed(given: pd.Series, kind: str) -> pd.Series:
    if kind == "timestamp":
        return pd.to_datetime(given).astype("datetime64[us]")
    if kind == "date":
        days = pd.to_datetime(given)
        return pd.Series([None if pd.isna(day) else day.date() for day in days], dtype=object)
    if kind in ("bigint", "double"):
        return pd.to_numeric(given).astype(PANDAS_TYPES[kind])
    return given.astype(PANDAS_TYPES[kind])


@lru_cache(maxsize=256)
def _nulls(kind: str, length: int) -> pd.Series:
    return pd.Series([None] * length).astype(kind)

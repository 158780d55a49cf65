"""A canonical warehouse made from DataFrames, to run facts and KPIs on.

Companion columns (`x_date`, `x_minute`, `x_epoch`, `x_base`) are computed here with pandas, apart
from the compiler's SQL. Money is taken to be in the reporting currency.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from superset_crmkpi.base.settings import CalendarSettings, CompileSettings
from superset_crmkpi.canonical.model import Entity, load_model
from superset_crmkpi.catalogue.definitions import Catalog
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.relations import BuiltRelations
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


class Canonical:
    """Tables of the canonical model in one schema of one engine; answers facts and KPIs."""

    def __init__(self, engine: Engine, compiler: Compiler) -> None:
        self.engine = engine
        self.compiler = compiler

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

    `week`: ISO weekday -> (open, close) minutes of the schedule 'default'; `holidays`: its
    closed days.
    """
    engine = open_engine(kind)
    model = load_model()
    unknown = set(frames) - set(model)
    assert not unknown, f"no such entity: {unknown}"
    compiler = Compiler(
        model,
        catalog or load_catalog(),
        BuiltRelations(engine.schema),
        CompileSettings(
            dialect=engine.dialect,
            calendar=CalendarSettings(time_zone=time_zone, today=today),
            values=settings or {},
        ),
    )
    for name, entity in model.items():
        frame = frames.get(name)
        if name == "business_hours" and frame is None:
            frame = business_hours(week, holidays)
        empty = pd.DataFrame(columns=list(entity.schema))  # completing it would take its time
        rows = empty if frame is None else complete(entity, frame, time_zone)
        engine.load(name, entity.schema, rows)
    for name in ("calendar", "business_calendar"):
        engine.create_table(f"{engine.schema}.{name}", compiler.entity(name))
    return Canonical(engine, compiler)


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
    unknown = set(source.columns) - set(entity.columns)
    assert not unknown, f"{entity.name}: no such column: {unknown}"
    out: dict[str, Any] = {}
    for column in entity.columns.values():
        given = source[column.name] if column.name in source else pd.Series([None] * len(source))
        if column.name == "amount_base" and column.name not in source and "amount" in source:
            given = source["amount"]
        if column.type == "timestamp":
            out[column.name] = pd.to_datetime(given).astype("datetime64[us]")
        elif column.type == "date":
            days = pd.to_datetime(given)
            out[column.name] = pd.Series(
                [None if pd.isna(day) else day.date() for day in days], dtype=object
            )
        elif column.type in ("bigint", "double"):
            out[column.name] = pd.to_numeric(given).astype(PANDAS_TYPES[column.type])
        else:
            out[column.name] = given.astype(PANDAS_TYPES[column.type])
    for companion in entity.companions.values():
        base = out[companion.of]
        if companion.kind == "base":
            out[companion.name] = base
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
    return pd.DataFrame(out, index=source.index)

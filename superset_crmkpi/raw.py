"""A source's raw tables: where the logical ones lie, and how their columns become typed.

Names match whatever their case and separators; the landing names exceptions. What the warehouse
lacks becomes a typed null (column) or an empty relation (table).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlglot import exp

from superset_crmkpi import dialects
from superset_crmkpi.connector import Landing, squash
from superset_crmkpi.profile import Source
from superset_crmkpi.warehouse import Snapshot

#: logical type -> SQL type of the raw layer
SQL_TYPES = {
    "text": "text",
    "timestamp": "timestamp",
    "date": "date",
    "boolean": "boolean",
    "number": "double",
    "integer": "bigint",
}


@dataclass(frozen=True)
class Physical:
    """A table of the warehouse and its columns (name -> kind)."""

    schema: str
    name: str
    columns: Mapping[str, str]

    @property
    def table(self) -> exp.Table:
        return exp.Table(
            this=exp.to_identifier(self.name, quoted=True),
            db=exp.to_identifier(self.schema, quoted=True),
        )


class RawTables:
    """The logical tables of one source over a snapshot of the warehouse."""

    def __init__(
        self,
        source: Source,
        schema: Mapping[str, Mapping[str, str]],
        landing: Landing,
        snapshot: Snapshot,
    ) -> None:
        self.source = source
        self.logical = schema
        self.landing = landing
        self.snapshot = snapshot

    def physical(self, table: str) -> Physical | None:
        """Where a logical table lies, or None."""
        default = self.source.schema_ or ""
        chosen = self.source.tables.get(table)
        names = [chosen] if chosen else [table, *self.landing.tables.get(table, [])]
        for name in names:
            schema, _, bare = name.rpartition(".")
            tables = self.snapshot.schema(schema or default)
            found = bare if bare in tables else _match(bare, tables)
            if found is not None:
                return Physical(schema or default, found, tables[found])
        return None

    def column(self, table: str, column: str) -> str | None:
        """The physical name of a logical column, or None."""
        physical = self.physical(table)
        if physical is None:
            return None
        candidates = [column, *self.landing.columns.get(table, {}).get(column, [])]
        for candidate in candidates:
            if candidate in physical.columns:
                return candidate
        for candidate in candidates:
            for prefix in ("", *self.landing.prefixes):
                found = _match(prefix + candidate, physical.columns)
                if found is not None:
                    return found
        return None

    def query(self, table: str, columns: Collection[str]) -> exp.Query:
        """SELECT of a logical table with `columns`, typed, current rows only."""
        types = self.logical[table]
        wanted = [column for column in types if column in columns] or list(types)[:1]
        physical = self.physical(table)
        if physical is None:
            return empty({column: SQL_TYPES[types[column]] for column in wanted})
        projections = []
        for column in wanted:
            name = self.column(table, column)
            value = (
                exp.cast(exp.null(), SQL_TYPES[types[column]])
                if name is None
                else self._typed(name, physical.columns[name], types[column])
            )
            projections.append(exp.alias_(value, column))
        query = exp.select(*projections).from_(physical.table)
        for flag, current in self.landing.current.items():
            if flag in types:  # the mapping reads the flag itself: it wants all versions
                continue
            name = _match(flag, physical.columns)
            if name is not None:
                kind = physical.columns[name]
                value = self._typed(name, kind, "boolean")
                kept = exp.func("coalesce", value, exp.convert(current))
                query = query.where(kept if current else exp.not_(kept))
        return query

    def _typed(self, name: str, kind: str, wanted: str) -> exp.Expression:
        """The physical column `name` of `kind` as the logical type `wanted`."""
        column: exp.Expression = exp.column(exp.to_identifier(name, quoted=True))
        if wanted == "text":
            if kind == "number":
                # a loader that met nulls stores integer ids as 1001.0
                whole = exp.cast(exp.cast(column.copy(), "bigint"), "text")
                is_whole = exp.EQ(this=column.copy(), expression=exp.func("floor", column.copy()))
                return exp.case().when(is_whole, whole).else_(exp.cast(column, "text"))
            return column if kind == "text" else exp.cast(column, "text")
        if wanted in ("timestamp", "date"):
            return self._moment(column, kind, wanted)
        if wanted == "boolean":
            if kind == "boolean":
                return column
            if kind in ("number", "integer"):
                return exp.NEQ(this=column, expression=exp.Literal.number(0))
            return dialects.call("crm_boolean", column)
        if kind == "text":
            number = dialects.call("crm_number", column)
            return exp.cast(number, "bigint") if wanted == "integer" else number
        return exp.cast(column, SQL_TYPES[wanted])

    def _moment(self, column: exp.Expression, kind: str, wanted: str) -> exp.Expression:
        if kind == "date":
            return column if wanted == "date" else exp.cast(column, "timestamp")
        if kind == "instant":
            moment = dialects.call("crm_instant", column)
        elif kind == "timestamp":
            moment = column
        else:
            formats = [exp.Literal.string(form) for form in self.landing.formats]
            text = column if kind == "text" else exp.cast(column, "text")
            moment = dialects.call("crm_timestamp", text, *formats)
        if wanted == "date":
            return exp.cast(moment, "date")
        if kind != "instant" and self.source.time_zone != "UTC":
            return dialects.call("crm_utc", moment, self.source.time_zone)
        return moment


def empty(columns: Mapping[str, str]) -> exp.Query:
    """A relation of typed columns without a row."""
    nulls = [exp.alias_(exp.cast(exp.null(), kind), name) for name, kind in columns.items()]
    nothing = exp.select("1 as one").subquery("nothing")
    return exp.select(*nulls).from_(nothing).where("1 = 0")


def _match(name: str, names: Collection[str]) -> str | None:
    squashed = squash(name)
    return next((other for other in names if squash(other) == squashed), None)

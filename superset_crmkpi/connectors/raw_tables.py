"""A source's raw tables: where the logical ones lie, and how their columns become typed.

Names match whatever their case and separators; the landing names exceptions. What the warehouse
lacks becomes a typed null (column) or an empty relation (table).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlglot import exp

from superset_crmkpi import dialects
from superset_crmkpi.base.types import TYPES
from superset_crmkpi.connectors.connector import Landing, squash
from superset_crmkpi.profile.schema import Source
from superset_crmkpi.warehouse.connect import Snapshot


@dataclass(frozen=True)
class Physical:
    """A table of the warehouse and its columns (name -> kind).

    `array` is the place of a JSON array in it, where each element is a row.
    """

    schema: str
    name: str
    columns: Mapping[str, str]
    array: Place | None = None

    @property
    def table(self) -> exp.Table:
        return exp.Table(
            this=exp.to_identifier(self.name, quoted=True),
            db=exp.to_identifier(self.schema, quoted=True),
        )


@dataclass(frozen=True)
class Place:
    """Where a value lies: in a column of `kind`, or at a path of the JSON in it."""

    column: str
    kind: str
    path: str | None = None

    def value(self, table: str) -> exp.Expression:
        """The value, of `kind`; inside JSON it is a text."""
        column = exp.column(exp.to_identifier(self.column, quoted=True), table)
        if self.path is None:
            return column
        return dialects.call("crm_json", column, self.path)


#: names in queries: the physical table, and the element of its JSON array
_ROW, _ELEMENT = "r", "crm_element"


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
        return self._elements(table)

    def _elements(self, table: str) -> Physical | None:
        rows = self.landing.rows.get(table)
        parent = self.physical(rows.table) if rows and rows.table != table else None
        array = _place(rows.column, parent.columns) if rows and parent else None
        if parent is None or array is None:
            return None
        return Physical(parent.schema, parent.name, parent.columns, array)

    def column(self, table: str, column: str) -> Place | None:
        """Where a logical column lies, or None."""
        physical = self.physical(table)
        if physical is None:
            return None
        named = self.landing.columns.get(table, {}).get(column, [])
        if physical.array is not None:
            return self._in_element(physical, [*named, f"$.{column}"])
        for candidate in [column, *named]:
            if candidate in physical.columns:
                return Place(candidate, physical.columns[candidate])
        for candidate in [column, *named]:
            for prefix in ("", *self.landing.prefixes):
                found = _place(prefix + candidate, physical.columns)
                if found is not None:
                    return found
        key = next((name for name in named if "$" not in name), column)
        for document in self.landing.documents:  # which keys it has, only its rows would tell
            found = _place(f"{document}$.{key}", physical.columns)
            if found is not None:
                return found
        return None

    def _in_element(self, physical: Physical, candidates: list[str]) -> Place | None:
        for candidate in candidates:
            if candidate.startswith("$"):
                return Place(_ELEMENT, "text", candidate[1:].removeprefix("."))
            found = _place(candidate.removeprefix("parent."), physical.columns)
            if found is not None:
                return found
        return None

    def query(self, table: str, columns: Collection[str]) -> exp.Query:
        """SELECT of a logical table with `columns`, typed, current rows only."""
        types = self.logical[table]
        wanted = [column for column in types if column in columns] or list(types)[:1]
        physical = self.physical(table)
        if physical is None:
            return empty({column: TYPES[types[column]] for column in wanted})
        projections = []
        for column in wanted:
            place = self.column(table, column)
            value = (
                exp.cast(exp.null(), TYPES[types[column]])
                if place is None
                else self._typed(place, types[column])
            )
            projections.append(exp.alias_(value, column))
        query = exp.select(*projections).from_(self._rows(physical))
        for flag, current in self.landing.current.items():
            if flag in types:  # the mapping reads the flag itself: it wants all versions
                continue
            name = _match(flag, physical.columns)
            if name is not None:
                value = self._typed(Place(name, physical.columns[name]), "boolean")
                kept = exp.func("coalesce", value, exp.convert(current))
                query = query.where(kept if current else exp.not_(kept))
        return query

    def _rows(self, physical: Physical) -> exp.Expression:
        if physical.array is None:
            return exp.alias_(physical.table, _ROW, table=True)
        given = [
            exp.column(exp.to_identifier(name, quoted=True), _ROW) for name in physical.columns
        ]
        element = dialects.call("crm_elements", physical.array.value(_ROW))
        inner = exp.select(*given, exp.alias_(element, _ELEMENT))
        return inner.from_(exp.alias_(physical.table, _ROW, table=True)).subquery(_ROW)

    def _typed(self, place: Place, wanted: str) -> exp.Expression:
        """What lies at the place as the logical type `wanted`."""
        column = place.value(_ROW)
        kind = "text" if place.path is not None else place.kind
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
            return dialects.call("crm_boolean", _text(column, kind))
        if kind in ("text", "other"):
            number = dialects.call("crm_number", _text(column, kind))
            return exp.cast(number, "bigint") if wanted == "integer" else number
        return exp.cast(column, TYPES[wanted])

    def _moment(self, column: exp.Expression, kind: str, wanted: str) -> exp.Expression:
        if kind == "date":
            return column if wanted == "date" else exp.cast(column, "timestamp")
        if kind == "instant":
            moment = dialects.call("crm_instant", column)
        elif kind == "timestamp":
            moment = column
        else:
            moment = self._read(column, kind)
        if wanted == "date":
            return exp.cast(moment, "date")
        if kind in ("instant", "number", "integer") or self.source.time_zone == "UTC":
            return moment
        wall = dialects.call("crm_utc", moment.copy(), self.source.time_zone)
        if kind == "timestamp":
            return wall
        return exp.case().when(has_offset(_text(column.copy(), kind)), moment).else_(wall)

    def _read(self, column: exp.Expression, kind: str) -> exp.Expression:
        """A moment that is a number since 1970, or a text of one of the formats."""
        units = {"epoch_s": "1.0", "epoch_ms": "1000.0"}
        unit = next((units[form] for form in self.landing.formats if form in units), None)
        if kind in ("number", "integer"):
            if unit is None:
                return exp.cast(exp.null(), "timestamp")
            return _since_1970(exp.cast(column, "double"), unit)
        formats = [exp.Literal.string(form) for form in self.landing.formats if form not in units]
        read = dialects.call("crm_timestamp", _text(column, kind), *formats)
        if unit is None:
            return read
        number = dialects.call("crm_number", _text(column.copy(), kind))
        return exp.func("coalesce", read, _since_1970(number, unit))


def has_offset(text: exp.Expression) -> exp.Expression:
    """Whether an ISO text ends in an offset: `Z`, `+02`, `+0200` or `+02:00`."""
    ends = [f"%:%{sign}{digits}" for sign in "+-" for digits in ("__", "____", "__:__")]
    found = [exp.Like(this=text.copy(), expression=exp.Literal.string(e)) for e in ("%Z", *ends)]
    return exp.or_(*found)


def _text(column: exp.Expression, kind: str) -> exp.Expression:
    return column if kind == "text" else exp.cast(column, "text")


def _since_1970(number: exp.Expression, unit: str) -> exp.Expression:
    seconds = exp.Div(this=exp.paren(number), expression=exp.Literal.number(unit))
    return dialects.call("crm_moment", seconds)


def empty(columns: Mapping[str, str]) -> exp.Query:
    """A relation of typed columns without a row."""
    nulls = [exp.alias_(exp.cast(exp.null(), kind), name) for name, kind in columns.items()]
    nothing = exp.select("1 as one").subquery("nothing")
    return exp.select(*nulls).from_(nothing).where("1 = 0")


def _place(candidate: str, columns: Mapping[str, str]) -> Place | None:
    """The place `x` or `x$.path` among columns (name -> kind), or None."""
    name, inside, path = candidate.partition("$")
    found = _match(name, columns)
    if found is None:
        return None
    return Place(found, columns[found], path.removeprefix(".") if inside else None)


def _match(name: str, names: Collection[str]) -> str | None:
    squashed = squash(name)
    return next((other for other in names if squash(other) == squashed), None)

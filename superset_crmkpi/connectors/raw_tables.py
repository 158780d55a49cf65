"""A source's raw tables: where the logical ones lie, and how their columns become typed.

Names match whatever their case and separators; the landing names exceptions. What the warehouse
lacks becomes a typed null (column) or an empty relation (table). Of the rows of one key the newest
counts (newest.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sqlglot import exp

from superset_crmkpi import dialects
from superset_crmkpi.base.types import TYPES
from superset_crmkpi.connectors.connector import Landing
from superset_crmkpi.connectors.deleted_rows import unmarked
from superset_crmkpi.connectors.newest import LOADER_MARKS, RowKeys, is_newest, place_of
from superset_crmkpi.connectors.places import Physical, Place, named_alike, place_in
from superset_crmkpi.profile.schema import Source
from superset_crmkpi.warehouse.connect import Snapshot

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
        keys: RowKeys | None = None,
    ) -> None:
        self.source = source
        self.logical = schema
        self.landing = landing
        self.snapshot = snapshot
        #: None: every row counts
        self.keys = keys
        # what was worked out once
        self._physical: dict[str, Physical | None] = {}
        self._queries: dict[tuple[str, frozenset[str]], exp.Query] = {}

    def physical(self, table: str) -> Physical | None:
        """Where a logical table lies, or None."""
        if table not in self._physical:
            self._physical[table] = self._found(table)
        return self._physical[table]

    def _found(self, table: str) -> Physical | None:
        default = self.source.schema_ or ""
        chosen = self.source.tables.get(table)
        names = [chosen] if chosen else [table, *self.landing.tables.get(table, [])]
        for name in names:
            schema, _, bare = name.rpartition(".")
            tables = self.snapshot.schema(schema or default)
            found = bare if bare in tables else named_alike(bare, tables)
            if found is not None:
                return Physical(schema or default, found, tables[found])
        return self._elements(table)

    def _elements(self, table: str) -> Physical | None:
        rows = self.landing.rows.get(table)
        parent = self.physical(rows.table) if rows and rows.table != table else None
        array = place_in(rows.column, parent.columns) if rows and parent else None
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
                found = place_in(prefix + candidate, physical.columns)
                if found is not None:
                    return found
        key = next((name for name in named if "$" not in name), column)
        for document in self.landing.documents:  # which keys it has, only its rows would tell
            found = place_in(f"{document}$.{key}", physical.columns)
            if found is not None:
                return found
        return None

    def _in_element(self, physical: Physical, candidates: list[str]) -> Place | None:
        for candidate in candidates:
            if candidate.startswith("$"):
                return Place(_ELEMENT, "text", candidate[1:].removeprefix("."))
            found = place_in(candidate.removeprefix("parent."), physical.columns)
            if found is not None:
                return found
        return None

    def query(self, table: str, columns: Collection[str]) -> exp.Query:
        """SELECT of a logical table with `columns`, typed, current rows only."""
        key = table, frozenset(columns)
        if key not in self._queries:
            self._queries[key] = self._query(table, columns)
        return self._queries[key].copy()

    def _query(self, table: str, columns: Collection[str]) -> exp.Query:
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
        query = exp.select(*projections).from_(self._rows(table, physical, wanted))
        key = self.row_key(table)
        if key and physical.array is None:
            query = query.where(is_newest(_ROW, key[0].value(_ROW)))
        # the newest row of a deleted record says so: it is chosen first, and then left out
        for condition in self._flagged(table, physical, [False] if key else [True, False]):
            query = query.where(condition)
        return query

    def row_key(self, table: str) -> list[Place]:
        """Where the columns lie that name a row of the table, or of the one that holds it as JSON.

        Empty where nothing does, one of them is not there, or the warehouse sees to it itself.
        """
        physical = self.physical(table)
        if self.keys is None or physical is None:
            return []
        owner = self._owner(table, physical)
        places = [self.column(owner, column) for column in self.keys.of(owner)]
        found = [place for place in places if place is not None]
        names = {place.column for place in found if place.path is None}
        unique = self.snapshot.unique.get((physical.schema, physical.name), ())
        if len(found) < len(places) or any(key <= names for key in unique):
            return []
        return found

    def doubled(self, table: str) -> exp.Query | None:
        """SELECT of how many keys have several rows, and how many rows do not count for that.

        None where each key is sure to have one row.
        """
        physical, key = self.physical(table), self.row_key(table)
        if physical is None or not key:
            return None
        values = [place.value(_ROW) for place in key]
        each = exp.select(exp.alias_(exp.Count(this=exp.Star()), "copies"))
        each = each.from_(exp.alias_(physical.table, _ROW, table=True)).group_by(*values)
        each = each.where(exp.not_(values[0].copy().is_(exp.null()))).having("count(*) > 1")
        for condition in self._flagged(table, physical, [True]):
            each = each.where(condition)
        counts = ("count(*) as records", "coalesce(sum(copies - 1), 0) as set_aside")
        return exp.select(*counts).from_(each.subquery("each_key"))

    def _owner(self, table: str, physical: Physical) -> str:
        """The table whose rows lie there: another one where they are elements of its JSON."""
        return table if physical.array is None else self.landing.rows[table].table

    def _rows(self, table: str, physical: Physical, wanted: Collection[str]) -> exp.Expression:
        key = self.row_key(table)
        rows = exp.alias_(physical.table, _ROW, table=True)
        if key:
            values = [place.value(_ROW) for place in key]
            order = self._newest_first(table, physical, key, wanted)
            numbers = exp.select(exp.Star(), place_of(values, order)).from_(rows)
            for condition in self._flagged(table, physical, [True]):
                numbers = numbers.where(condition)
            rows = numbers.subquery(_ROW)
        if physical.array is None:
            return rows
        given = [
            exp.column(exp.to_identifier(name, quoted=True), _ROW) for name in physical.columns
        ]
        element = dialects.call("crm_elements", physical.array.value(_ROW))
        inner = exp.select(*given, exp.alias_(element, _ELEMENT)).from_(rows)
        if key:
            inner = inner.where(is_newest(_ROW, key[0].value(_ROW)))
        return inner.subquery(_ROW)

    def changed(self, table: str) -> Place | None:
        """Where the vendor's time of the last change of a row lies."""
        physical = self.physical(table)
        if self.keys is None or physical is None:
            return None
        owner = self._owner(table, physical)
        places = (self.column(owner, name) for name in self.keys.changed)
        # whether a key of a JSON document is there, only its rows would tell
        return next((place for place in places if place and place.path is None), None)

    def marks(self, table: str) -> list[Place]:
        """Where the loader's time lies, and its own id of a row."""
        physical = self.physical(table)
        if physical is None:
            return []
        found = ((place_in(name, physical.columns) for name in names) for names in LOADER_MARKS)
        return [place for places in found if (place := next(filter(None, places), None))]

    def _newest_first(
        self, table: str, physical: Physical, key: Collection[Place], wanted: Collection[str]
    ) -> list[exp.Expression]:
        """By what the rows of a key are ordered, the strongest first."""
        changed, order = self.changed(table), list[exp.Expression]()
        told = self.marks(table)
        if not told:
            read = [self.column(table, column) for column in wanted]
            told = [place for place in [physical.array, *read] if place is not None]
        names = {place.column for place in key}
        if changed is not None and changed.column not in names:
            is_text = changed.kind == "text"
            order.append(self._typed(changed, "timestamp") if is_text else changed.value(_ROW))
            names.add(changed.column)
        for name in dict.fromkeys(place.column for place in told if place.column != _ELEMENT):
            if name not in names:
                value = Place(name, physical.columns[name]).value(_ROW)
                is_other = physical.columns[name] == "other"
                order.append(exp.cast(value, "text") if is_other else value)
        return order

    def _flagged(
        self, table: str, physical: Physical, values: Collection[bool]
    ) -> Iterator[exp.Expression]:
        """The conditions of rows that count: of versions (True), of what was not deleted (False).

        By the landing's flags, whose current rows have one of `values`, and by loaders' marks.
        """

        def typed(column: str, wanted: str) -> exp.Expression:
            return self._typed(Place(column, physical.columns[column]), wanted)

        for flag, current in self.landing.current.items():
            name = named_alike(flag, physical.columns)
            # a mapping that reads the flag itself wants all versions
            if name is None or current not in values or flag in self.logical[table]:
                continue
            kept = exp.func("coalesce", typed(name, "boolean"), exp.convert(current))
            yield kept if current else exp.not_(kept)
        for versions in values:
            yield from unmarked(physical.columns, self.logical[table], typed, versions)

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

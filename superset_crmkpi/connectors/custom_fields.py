"""Fields of a company's own CRM inside one source: found in its tables, added to its mappings."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.types import LOGICAL_OF, TYPES, Logical
from superset_crmkpi.connectors.connector import Landing, squash
from superset_crmkpi.connectors.extra_column import carried, greatest
from superset_crmkpi.connectors.raw_tables import RawTables
from superset_crmkpi.profile.fields import Place
from superset_crmkpi.query.compose import wrapped

#: how logical columns of fields begin
OWN = "crm_own_"
_KEY, _ALIAS = f"{OWN}key", "v"


@dataclass(frozen=True)
class OwnField:
    """The canonical `column` of type `kind`, and where its value lies.

    As the logical column `raw` of `tables`: those the record's id comes from, or a single other one
    whose column `_KEY` holds the id.
    """

    column: str
    kind: str
    raw: str
    tables: tuple[str, ...]
    place: Place
    is_elsewhere: bool

    @property
    def logical(self) -> Logical:
        return LOGICAL_OF[self.kind]


def find_field(
    raw: RawTables, own_tables: Sequence[str], column: str, kind: str, place: Place
) -> tuple[OwnField, RawTables]:
    """The field, and the raw tables that have it as a column. CrmKpiError when it is not there."""
    chosen = _logical(raw, place.table)
    elsewhere = chosen is not None and chosen not in own_tables
    tables = (chosen,) if chosen is not None else tuple(own_tables)
    if elsewhere and place.key is None:
        raise CrmKpiError(f"`{chosen}` is another table; say which column holds the id, by `key`")
    if not tables:
        raise CrmKpiError("the record's id comes from no table; name one by `table` and `key`")
    field = OwnField(column, kind, f"{OWN}{column}", tables, place, elsewhere)
    wanted = {field.raw: (place.field, LOGICAL_OF[kind])}
    if elsewhere:
        assert place.key is not None
        wanted[_KEY] = (place.key, "text")
        wanted |= {_where_column(field, name): (name, "text") for name in place.where}
    extended = _with(raw, tables, wanted)
    for name, (given, _) in wanted.items():
        _check(extended, tables, name, given)
    return field, extended


def with_fields(query: exp.Query, fields: Sequence[OwnField]) -> exp.Query:
    """The qualified mapping `query` with the fields among its columns."""
    names = [str(name) for name in query.named_selects]
    values: dict[str, exp.Expression] = {}
    joins = []
    for number, field in enumerate(fields, start=1):
        if field.is_elsewhere:
            alias = f"own_{number}"
            key = exp.column(_KEY, alias)
            joins.append((_elsewhere(field).subquery(alias), key.eq(exp.column("id", _ALIAS))))
        else:
            alias = _ALIAS
            query = carried(query, field.tables, field.raw, TYPES[field.logical])
        values[field.column] = exp.column(field.raw, alias)
        if field.place.only_if_empty and field.column in names:
            values[field.column] = _first(field, values[field.column])
    columns = [
        exp.alias_(values.get(name, exp.column(name, _ALIAS)), name)
        for name in [*names, *(name for name in values if name not in names)]
    ]
    return wrapped(query, columns, _ALIAS, joins)


def _first(field: OwnField, value: exp.Expression) -> exp.Expression:
    given = exp.cast(exp.column(field.column, _ALIAS), field.kind)
    if field.kind == "text":
        return exp.func("coalesce", exp.func("nullif", given, exp.Literal.string("")), value)
    return exp.func("coalesce", given, value)


def _elsewhere(field: OwnField) -> exp.Query:
    """One row per id: the field's value among the rows of another table."""
    value = greatest(exp.column(field.raw), TYPES[field.logical])
    query = exp.select(exp.column(_KEY), exp.alias_(value, field.raw))
    query = query.from_(exp.to_table(field.tables[0]))
    for name, wanted in field.place.where.items():
        value = exp.column(_where_column(field, name))
        query = query.where(value.eq(exp.Literal.string(str(wanted))))
    return query.group_by(exp.column(_KEY))


def _where_column(field: OwnField, name: str) -> str:
    return f"{OWN}{field.column}_{squash(name)}"


def _logical(raw: RawTables, table: str | None) -> str | None:
    """The connector's name of a table that was given by it or by its name in the warehouse."""
    if table is None or table in raw.logical:
        return table
    for known in raw.logical:
        physical = raw.physical(known)
        if physical is not None and squash(physical.name) == squash(table):
            return known
    return table


def _with(
    raw: RawTables, tables: Sequence[str], wanted: Mapping[str, tuple[str, str]]
) -> RawTables:
    """The raw tables where `tables` have the columns `wanted`: name -> (vendor's name, type)."""
    schema = {table: dict(columns) for table, columns in raw.logical.items()}
    places = {table: dict(columns) for table, columns in raw.landing.columns.items()}
    for table in tables:
        for name, (given, kind) in wanted.items():
            schema.setdefault(table, {})[name] = kind
            known = places.setdefault(table, {})
            alike = [found for other, found in known.items() if squash(other) == squash(given)]
            known[name] = [given, f"$.{given}", *(alike[0] if alike else [])]
    landing: Landing = raw.landing.model_copy(update={"columns": places})
    return RawTables(raw.source, schema, landing, raw.snapshot, raw.keys)


def _check(raw: RawTables, tables: Sequence[str], column: str, given: str) -> None:
    there = {t: found for t in tables if (found := raw.physical(t)) is not None}
    if not there:
        raise CrmKpiError(f"table `{tables[0]}` is not in {raw.source.schema_ or 'the warehouse'}")
    if any(raw.column(table, column) is not None for table in there):
        return
    known = sorted({name for found in there.values() for name in found.columns})
    by_lower = {name.lower(): name for name in known}
    near = difflib.get_close_matches(given.lower(), by_lower, n=3, cutoff=0.5)
    where = ", ".join(f"{found.schema}.{found.name}" for found in there.values())
    hint = f"; near: {', '.join(by_lower[name] for name in near)}" if near else ""
    raise CrmKpiError(f"no column `{given}` in {where}{hint}")

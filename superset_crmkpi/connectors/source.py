"""A source of the profile bound to its connector and to the warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage
from sqlglot.optimizer.scope import build_scope

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.sqlfile import parse_sql
from superset_crmkpi.canonical.model import Entity, load_model
from superset_crmkpi.connectors.connector import Connector, EntityMapping
from superset_crmkpi.connectors.custom_fields import OWN, OwnField, find_field, with_fields
from superset_crmkpi.connectors.labels import Labels, merged, read_labels, translated
from superset_crmkpi.connectors.raw_tables import SQL_TYPES, RawTables
from superset_crmkpi.profile.fields import Place
from superset_crmkpi.profile.schema import Source
from superset_crmkpi.query.compose import with_parts
from superset_crmkpi.query.prune import prune, qualified, tables_read
from superset_crmkpi.warehouse.connect import Snapshot

#: kind of a physical column -> logical type, where tables name themselves
_LOGICAL = {
    "text": "text",
    "number": "number",
    "integer": "integer",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "instant": "timestamp",
    "other": "text",
}


#: a column of a raw table
Leaf = tuple[str, str]


@dataclass
class BoundSource:
    """A source of the profile bound to its connector and to the warehouse."""

    name: str
    source: Source
    connector: Connector
    mappings: Mapping[str, EntityMapping]
    raw: RawTables
    dialect: str
    labels: Labels = field(default_factory=dict)
    #: entity -> fields of the company's own
    fields: dict[str, list[OwnField]] = field(default_factory=dict)
    model: Mapping[str, Entity] = field(default_factory=load_model)
    _given: dict[str, exp.Query] = field(default_factory=dict)
    _leaves: dict[str, dict[str, set[Leaf]]] = field(default_factory=dict)
    _parsed: dict[str, exp.Query] = field(default_factory=dict)
    _qualified: dict[str, exp.Query] = field(default_factory=dict)

    @classmethod
    def bind(
        cls,
        name: str,
        source: Source,
        connector: Connector,
        snapshot: Snapshot,
        dialect: str,
        model: Mapping[str, Entity] | None = None,
        fields: Mapping[str, Place] | None = None,
    ) -> BoundSource:
        """The source, its labels and `fields` (entity.column -> place) checked."""
        model, fields = model or load_model(), fields or {}
        landing = connector.landing(source.landing)
        tables = connector.schema
        if tables is None:
            physical = snapshot.schema(source.schema_ or "")
            tables = {
                table: {column: _LOGICAL[kind] for column, kind in columns.items()}
                for table, columns in physical.items()
            }
        raw = RawTables(source, tables, landing, snapshot)
        where = f"sources.{name}.values"
        own = read_labels(source.values, model, where)
        listed = {*connector.values, *fields}
        fixed = sorted(set(own) - listed) if connector.schema is not None else []
        if fixed:
            known = ", ".join(sorted(connector.values)) or "none"
            raise CrmKpiError(
                f"{where}: connector `{connector.name}` has no labels for `{fixed[0]}`; "
                f"it has them for: {known}"
            )
        labels = merged(connector.values, own)
        for mapped in fields:
            entity, _, column = mapped.partition(".")
            if column in model[entity].allowed:
                labels.setdefault(mapped, {})
        mappings = connector.mappings(source.options)
        bound = cls(name, source, connector, mappings, raw, dialect, labels, model=model)
        return bound._with_fields(fields) if fields else bound

    def _with_fields(self, places: Mapping[str, Place]) -> BoundSource:
        raw, fields = self.raw, dict[str, list[OwnField]]()
        for name, place in places.items():
            entity, _, column = name.partition(".")
            try:
                if entity not in self.mappings:
                    raise CrmKpiError(f"the connector maps no `{entity}`")
                tables = sorted({table for table, _ in self.leaves(entity).get("id", set())})
                kind = self.model[entity].columns[column].type
                found, raw = find_field(raw, tables, column, kind, place)
            except CrmKpiError as error:
                raise CrmKpiError(f"`fields.{name}.from.{self.name}`: {error.message}") from error
            fields.setdefault(entity, []).append(found)
        return replace(
            self, raw=raw, fields=fields, _given={}, _parsed={}, _qualified={}, _leaves={}
        )

    @cached_property
    def sql_schema(self) -> dict[str, dict[str, str]]:
        """The logical tables with SQL types, to qualify mappings by."""
        return {
            table: {column: SQL_TYPES[kind] for column, kind in columns.items()}
            for table, columns in self.raw.logical.items()
        }

    def query(self, entity: str) -> exp.Query:
        """The mapping's SELECT; columns that a physical table lacks are null."""
        if entity not in self._parsed:
            mapping = self.mappings[entity]
            file = mapping.file
            dialect = mapping.dialect or self.dialect
            query = parse_sql(
                file.sql, f"{file.path.name}: {self.name}.{entity}", file.line, dialect
            )
            if not isinstance(query, exp.Query):
                raise file.fail(f"{self.name}.{entity}: expected one SELECT statement")
            query = with_parts(query, self.connector.parts)
            unknown = tables_read(query) - set(self.sql_schema)
            if unknown and self.connector.schema is not None:
                raise file.fail(f"`{sorted(unknown)[0]}` is not a table of schema.yaml")
            if entity in self.fields:
                query = with_fields(self._by_table(query, entity, own=False), self.fields[entity])
            self._given[entity] = query.copy()
            self._parsed[entity] = translated(query, self.model[entity], self.labels)
        return self._parsed[entity].copy()

    def _by_table(self, query: exp.Query, entity: str, own: bool = True) -> exp.Query:
        """Qualified; without `own` a `*` of the mapping holds no field of the company's."""
        known = self.known(query)
        if not own:
            known = {
                table: {n: kind for n, kind in columns.items() if not n.startswith(OWN)}
                for table, columns in known.items()
            }
        try:
            return qualified(query, known, strict=self.connector.schema is not None)
        except SqlglotError as error:
            raise self.mappings[entity].file.fail(str(error).splitlines()[0]) from error

    def labelled(self, entity: str, columns: set[str]) -> exp.Query:
        """The mapping with only `columns`, qualified, its labels as the vendor has them."""
        self.query(entity)
        given = self._given[entity].copy()
        whole = qualified(given, self.known(given), strict=self.connector.schema is not None)
        return prune(whole, columns, self.known(whole))

    def missing_tables(self, entity: str) -> set[str]:
        """Tables a mapping reads that lie nowhere in the warehouse."""
        return {t for t in tables_read(self.query(entity)) if self.raw.physical(t) is None}

    def pruned(self, entity: str, columns: set[str]) -> exp.Query:
        """The mapping with only `columns`, qualified."""
        whole = self.qualified(entity)
        return prune(whole, columns, self.known(whole))

    def known(self, query: exp.Query) -> dict[str, dict[str, str]]:
        """The schema of the tables a query reads."""
        return {name: self.sql_schema[name] for name in tables_read(query) & set(self.sql_schema)}

    def qualified(self, entity: str) -> exp.Query:
        """The mapping with every column's table named."""
        if entity not in self._qualified:
            self._qualified[entity] = self._by_table(self.query(entity), entity)
        return self._qualified[entity].copy()

    def emits(self, entity: str) -> list[str]:
        """Columns the mapping gives."""
        return [str(name) for name in self.query(entity).named_selects]

    def leaves(self, entity: str) -> dict[str, set[Leaf]]:
        """Mapped column -> the raw columns its value comes from (none for a constant)."""
        if entity not in self._leaves:
            self._leaves[entity] = leaves(self.qualified(entity))
        return self._leaves[entity]

    def usable(self, entity: str) -> bool:
        """Whether the mapping can run: a user's own SELECT needs all its tables."""
        if entity not in self.mappings:
            return False
        return self.connector.schema is not None or not self.missing_tables(entity)


def leaves(query: exp.Query) -> dict[str, set[Leaf]]:
    """Output column of a qualified query -> the raw columns its value comes from."""
    scope = build_scope(query)
    found: dict[str, set[Leaf]] = {}
    for name in query.named_selects:
        found[str(name)] = {
            (node.expression.name, node.name.rpartition(".")[2])
            for node in lineage(str(name), query, scope=scope, trim_selects=False).walk()
            if isinstance(node.expression, exp.Table)
        }
    return found

"""A source of the profile over its warehouse, and the entities that its connector maps."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from sqlglot import exp

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.types import TYPES, Type, logical
from superset_crmkpi.canonical.model import Entity, load_model
from superset_crmkpi.connectors.connector import Connector, EntityMapping
from superset_crmkpi.connectors.custom_fields import OwnField, find_field
from superset_crmkpi.connectors.labels import Labels, merged, read_labels
from superset_crmkpi.connectors.mapping_queries import Leaf, MappingQueries
from superset_crmkpi.connectors.outputs import Zones
from superset_crmkpi.connectors.raw_tables import Physical, RawTables
from superset_crmkpi.connectors.user_select import folded
from superset_crmkpi.profile.fields import Place
from superset_crmkpi.profile.schema import Source
from superset_crmkpi.query.trees import Pruned, Shared
from superset_crmkpi.warehouse.connect import Snapshot

logger = logging.getLogger(__name__)

#: of all sources of this process
_QUERIES = Shared[MappingQueries]()


class MappedEntity:
    """A canonical entity as one source maps it over its warehouse."""

    def __init__(self, entity: Entity, mapping: EntityMapping, source: MappedSource) -> None:
        self.entity = entity
        self.mapping = mapping
        self.source = source
        self.fields = source.fields.get(entity.name, [])

    @cached_property
    def _queries(self) -> MappingQueries:
        source, file = self.source, self.mapping.file
        parts = source.connector.parts
        labels = {k: v for k, v in source.labels.items() if k.startswith(f"{self.entity.name}.")}
        dialect = self.mapping.dialect or source.dialect
        key = (
            *(source.name, id(self.entity), file.path, file.sql, file.line, dialect),
            *(source.has_schema, source.sql_schema_text, repr(labels), repr(self.fields)),
            *((name, part.sql) for name, part in sorted(parts.items())),
        )
        return _QUERIES.once(
            key,
            lambda: MappingQueries(
                f"{source.name}.{self.entity.name}",
                self.entity,
                self.mapping,
                parts,
                source.labels,
                self.fields,
                source.sql_schema,
                source.has_schema,
                dialect,
            ),
        )

    @property
    def query(self) -> exp.Query:
        """The mapping's SELECT; columns that a physical table lacks are null."""
        return self._queries.query

    @property
    def qualified(self) -> exp.Query:
        """The mapping with every column's table named."""
        return self._queries.qualified

    def pruned(self, columns: Collection[str]) -> Pruned:
        """The mapping with only `columns`, qualified."""
        return self._queries.pruned(columns)

    def labelled(self, columns: Collection[str]) -> Pruned:
        """The mapping with only `columns`, qualified, its labels as the vendor has them."""
        return self._queries.labelled(columns)

    @property
    def types(self) -> dict[str, Type]:
        """Column -> type, of all that the mapping gives."""
        return self._queries.types

    @property
    def emits(self) -> tuple[str, ...]:
        """Columns the mapping gives."""
        return self._queries.emits

    @property
    def reads(self) -> frozenset[str]:
        """Tables the mapping reads."""
        return self._queries.reads

    @property
    def leaves(self) -> dict[str, set[Leaf]]:
        """Mapped column -> the raw columns its value comes from (none for a constant)."""
        return self._queries.leaves

    @cached_property
    def missing_tables(self) -> frozenset[str]:
        """Tables the mapping reads that lie nowhere in the warehouse."""
        return frozenset(t for t in self.reads if self.source.raw.physical(t) is None)

    @cached_property
    def main_tables(self) -> list[Physical]:
        """The tables that records get their ids from, of those that are there."""
        names = sorted({table for table, _ in self.leaves.get("id", set())})
        found = [self.source.raw.physical(name) for name in names]
        return [physical for physical in found if physical is not None]

    @property
    def usable(self) -> bool:
        """Whether the mapping can run: a user's own SELECT needs all its tables."""
        return self.source.has_schema or not self.missing_tables

    @property
    def fault(self) -> CrmKpiError | None:
        """Why nothing can be compiled with the mapping, in one line; None where it can."""
        return None


@dataclass(frozen=True, eq=False)
class MappedSource(Mapping[str, MappedEntity]):
    """A source of the profile over its warehouse: the entities that its connector maps, by name."""

    name: str
    source: Source
    connector: Connector
    mappings: Mapping[str, EntityMapping]
    raw: RawTables
    dialect: str
    labels: Labels = field(default_factory=dict)
    #: entity -> fields of the company's own
    fields: Mapping[str, list[OwnField]] = field(default_factory=dict)
    model: Mapping[str, Entity] = field(default_factory=load_model)
    #: the reporting time zone
    time_zone: str = "UTC"

    def __getitem__(self, entity: str) -> MappedEntity:
        return self._entities[entity]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entities)

    def __len__(self) -> int:
        return len(self._entities)

    @cached_property
    def _entities(self) -> dict[str, MappedEntity]:
        from superset_crmkpi.connectors.selected import SelectedEntity

        kinds = {True: SelectedEntity, False: MappedEntity}
        return {
            name: kinds[not self.has_schema and mapping.dialect is None](
                self.model[name], mapping, self
            )
            for name, mapping in self.mappings.items()
        }

    def find_table(self, name: exp.Identifier) -> Physical | None:
        """Where a table that a SELECT of the user's names without a schema lies, or None."""
        tables = self.raw.snapshot.schema(self.source.schema_ or "")
        if name.name not in self.source.tables:
            wanted = folded(name, self.dialect)
            for there in (name.name, *tables):
                same = folded(exp.to_identifier(there, quoted=True), self.dialect) == wanted
                if same and there in tables:
                    return Physical(self.source.schema_ or "", there, tables[there])
        return self.raw.physical(name.name)

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
        time_zone: str = "UTC",
    ) -> MappedSource:
        """The source, its labels and `fields` (entity.column -> place) checked."""
        model, fields = model or load_model(), fields or {}
        landing = connector.landing(source.landing)
        tables = connector.schema
        if tables is None:
            physical = snapshot.schema(source.schema_ or "")
            tables = {
                table: {column: logical(kind) for column, kind in columns.items()}
                for table, columns in physical.items()
            }
        raw = RawTables(source, tables, landing, snapshot, connector.row_keys)
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
        bound = cls(
            name,
            source,
            connector,
            mappings,
            raw,
            dialect,
            labels,
            model=model,
            time_zone=time_zone,
        )
        logger.info("source %s: connector %s maps %d entities", name, connector.name, len(mappings))
        return bound._with_fields(fields) if fields else bound

    def _with_fields(self, places: Mapping[str, Place]) -> MappedSource:
        raw, fields = self.raw, dict[str, list[OwnField]]()
        for name, place in places.items():
            entity, _, column = name.partition(".")
            try:
                if entity not in self:
                    raise CrmKpiError(f"the connector maps no `{entity}`")
                tables = sorted({table for table, _ in self[entity].leaves.get("id", set())})
                kind = self.model[entity].columns[column].type
                found, raw = find_field(raw, tables, column, kind, place)
            except CrmKpiError as error:
                raise CrmKpiError(f"`fields.{name}.from.{self.name}`: {error.message}") from error
            fields.setdefault(entity, []).append(found)
        return replace(self, raw=raw, fields=fields)

    @property
    def zones(self) -> Zones:
        """The time zones by which outputs of the user's SELECTs are taken."""
        return Zones(self.source.time_zone, self.time_zone)

    @property
    def has_schema(self) -> bool:
        """Whether the connector says which tables there are; a user's own SELECTs do not."""
        return self.connector.schema is not None

    @cached_property
    def sql_schema(self) -> dict[str, dict[str, Type]]:
        """The logical tables with SQL types, to qualify mappings by."""
        return {
            table: {column: TYPES[kind] for column, kind in columns.items()}
            for table, columns in self.raw.logical.items()
        }

    @cached_property
    def sql_schema_text(self) -> str:
        """The same as one text, to compare by."""
        return repr(self.sql_schema)

    def usable(self, entity: str) -> bool:
        """Whether the entity is mapped, and the mapping can run here."""
        return entity in self and self[entity].usable

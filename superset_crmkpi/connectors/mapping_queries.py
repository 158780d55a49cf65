"""A mapping's SELECT, and what the compiler makes of it, whatever rows lie below."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import to_node
from sqlglot.optimizer.scope import build_scope

from superset_crmkpi.base.sqlfile import SqlFile, parse_sql
from superset_crmkpi.base.types import Type
from superset_crmkpi.canonical.model import Entity
from superset_crmkpi.connectors.connector import EntityMapping
from superset_crmkpi.connectors.custom_fields import OWN, OwnField, with_fields
from superset_crmkpi.connectors.labels import Labels, translated
from superset_crmkpi.query.compose import with_parts
from superset_crmkpi.query.prune import qualified, tables_read
from superset_crmkpi.query.trees import Pruned, lightened
from superset_crmkpi.query.types import column_types

#: a column of a raw table
Leaf = tuple[str, str]


@dataclass(eq=False)
class MappingQueries:
    """What follows from the text of a mapping and the columns it may read, each worked out once.

    Shared by all sources of a process that agree in these: copy what you change.
    """

    where: str
    entity: Entity
    mapping: EntityMapping
    parts: Mapping[str, SqlFile]
    labels: Labels
    fields: Sequence[OwnField]
    schema: Mapping[str, Mapping[str, Type]]
    strict: bool
    dialect: str

    @cached_property
    def query(self) -> exp.Query:
        """The mapping's SELECT; columns that a physical table lacks are null."""
        return translated(self._untranslated.copy(), self.entity, self.labels)

    @cached_property
    def _untranslated(self) -> exp.Query:
        """The SELECT with the vendor's labels, the connector's parts and the profile's fields."""
        file = self.mapping.file
        query = parse_sql(file.sql, f"{file.path.name}: {self.where}", file.line, self.dialect)
        if not isinstance(query, exp.Query):
            raise file.fail(f"{self.where}: expected one SELECT statement")
        query = with_parts(query, self.parts)
        unknown = tables_read(query) - set(self.schema)
        if unknown and self.strict:
            raise file.fail(f"`{sorted(unknown)[0]}` is not a table of schema.yaml")
        if self.fields:
            query = with_fields(self._by_table(query, own=False), self.fields)
        return query

    @cached_property
    def qualified(self) -> exp.Query:
        """The mapping with every column's table named."""
        return self._by_table(self.query.copy())

    def _by_table(self, query: exp.Query, own: bool = True) -> exp.Query:
        """Qualified; without `own` a `*` of the mapping holds no field of the company's."""
        known = {table: self.schema[table] for table in tables_read(query) if table in self.schema}
        if not own:
            known = {
                table: {n: kind for n, kind in columns.items() if not n.startswith(OWN)}
                for table, columns in known.items()
            }
        try:
            return lightened(qualified(query, known, strict=self.strict))
        except SqlglotError as error:
            raise self.mapping.file.fail(str(error).splitlines()[0]) from error

    @cached_property
    def _pruned(self) -> dict[frozenset[str], Pruned]:
        return {}

    def pruned(self, columns: Collection[str]) -> Pruned:
        """The mapping with only `columns`, qualified."""
        key = frozenset(columns)
        if key not in self._pruned:
            self._pruned[key] = Pruned.of(self.qualified, key)
        return self._pruned[key]

    def labelled(self, columns: Collection[str]) -> Pruned:
        """The mapping with only `columns`, qualified, its labels as the vendor has them."""
        return Pruned.of(self._by_table(self._untranslated.copy()), columns)

    @cached_property
    def types(self) -> dict[str, Type]:
        """Column -> type, of all that the mapping gives."""
        known = {table: self.schema[table] for table in self.reads if table in self.schema}
        return column_types(self.qualified, known)

    @cached_property
    def emits(self) -> tuple[str, ...]:
        """Columns the mapping gives."""
        return tuple(str(name) for name in self.query.named_selects)

    @cached_property
    def reads(self) -> frozenset[str]:
        """Tables the mapping reads."""
        return frozenset(tables_read(self.query))

    @cached_property
    def leaves(self) -> dict[str, set[Leaf]]:
        """Mapped column -> the raw columns its value comes from (none for a constant)."""
        return leaves(self.qualified)


def leaves(query: exp.Query) -> dict[str, set[Leaf]]:
    """Output column of a qualified query -> the raw columns its value comes from."""
    scope = build_scope(query)
    assert scope is not None
    found: dict[str, set[Leaf]] = {}
    for name in query.named_selects:
        found[str(name)] = {
            (node.expression.name, node.name.rpartition(".")[2])
            for node in to_node(str(name), scope, None, trim_selects=False).walk()
            if isinstance(node.expression, exp.Table)
        }
    return found

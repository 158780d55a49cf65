"""An entity that a SELECT of the user's own gives.

The warehouse says what its columns are; each that the model knows becomes the model's type. The
SELECT is read from as it stands, or, where that is sure to be the same, cut down to what is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.engine import Connection
from sqlglot import exp

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.types import Kind, Type
from superset_crmkpi.connectors.analysis import analysed
from superset_crmkpi.connectors.custom_fields import with_fields
from superset_crmkpi.connectors.labels import translated
from superset_crmkpi.connectors.mapping_queries import Leaf
from superset_crmkpi.connectors.mistakes import Mistake, mistakes_of
from superset_crmkpi.connectors.outputs import fits, typed
from superset_crmkpi.connectors.raw_tables import Physical
from superset_crmkpi.connectors.source import MappedEntity, MappedSource
from superset_crmkpi.connectors.user_select import UserSelect, folded, read_select
from superset_crmkpi.query.compose import wrapped
from superset_crmkpi.query.prune import columns_used, prune
from superset_crmkpi.query.trees import Pruned
from superset_crmkpi.query.types import null_columns
from superset_crmkpi.query.verbatim import verbatim
from superset_crmkpi.warehouse.describe import CannotDescribe, Described, described

_ALIAS = "s"


@dataclass(frozen=True)
class Output:
    """A column of the SELECT: its name there, and its kind; None where nobody can tell."""

    name: str
    kind: Kind | None
    #: null in all rows, which any type can be
    is_null: bool = False


class SelectedEntity(MappedEntity):
    """A canonical entity by a SELECT in the warehouse's own dialect."""

    #: what the warehouse said; None until it was asked
    _described: Described | None = None
    #: what it said against the SELECT
    refused: str = ""

    @cached_property
    def select(self) -> UserSelect:
        """The SELECT, its tables found; `no_select` says why where it is none."""
        return read_select(self.mapping.file.sql, self.source.dialect, self.source.find_table)

    def describe(self, connection: Connection) -> None:
        """Ask the warehouse for the columns, on no rows."""
        if self.select.no_select or self.select.missing:
            return
        try:
            self._described = described(connection, self.select.text)
        except CannotDescribe as error:
            self.refused = str(error)
            return
        if self.tree is not None and not self._is_sure(connection, self.tree):
            self.tree = None

    def _is_sure(self, connection: Connection, tree: exp.Query) -> bool:
        """Whether the warehouse says the same of the tree as of the SELECT."""
        try:
            found = described(connection, tree.sql(dialect=self.source.dialect))
        except CannotDescribe:
            return False
        one, other = (
            [(self._folded(name), kind) for name, kind in told]
            for told in (found, self._described or [])
        )
        return one == other

    def _folded(self, name: str) -> str:
        return folded(exp.to_identifier(name, quoted=True), self.source.dialect)

    @cached_property
    def tree(self) -> exp.Query | None:
        """What can be cut down; None for a SELECT to be taken as it stands."""
        return analysed(self.select, self.source.dialect)

    @cached_property
    def columns(self) -> list[Output]:
        """What the SELECT gives, in its order."""
        nulls = null_columns(self.select.tree) if self.select.tree is not None else set()
        if self._described is not None:
            return [Output(name, kind, name.lower() in nulls) for name, kind in self._described]
        tree = self.select.tree
        names = tree.named_selects if isinstance(tree, exp.Query) else []
        return [Output(str(name), None, str(name).lower() in nulls) for name in names]

    @cached_property
    def outputs(self) -> dict[str, Output]:
        """The columns that the model knows, by its names for them."""
        known = self.entity.schema
        return {one.name.lower(): one for one in self.columns if one.name.lower() in known}

    @cached_property
    def mistakes(self) -> list[Mistake]:
        """What is wrong with it whatever the rows are."""
        return mistakes_of(self)

    @property
    def fault(self) -> CrmKpiError | None:
        found = next((one for one in self.mistakes if one.is_fatal), None)
        return CrmKpiError(f"{self.mapping.file.path.name}: {found.line}") if found else None

    @property
    def usable(self) -> bool:
        return not self.missing_tables and self.fault is None

    @cached_property
    def missing_tables(self) -> frozenset[str]:
        return self.select.missing

    @cached_property
    def main_tables(self) -> list[Physical]:
        return self.select.physical

    @cached_property
    def emits(self) -> tuple[str, ...]:
        own = (field.column for field in self.fields)
        return tuple(dict.fromkeys([*self.outputs, *own]))

    @cached_property
    def reads(self) -> frozenset[str]:
        return frozenset(one.name for one in self.select.physical)

    @cached_property
    def types(self) -> dict[str, Type]:
        fields = {field.column: self.entity.schema[field.column] for field in self.fields}
        return {**{name: self._typed(name)[1] for name in self.outputs}, **fields}

    def tried(self) -> exp.Query:
        """All that it gives as the model has it, and as `raw_<column>` texts that become others."""
        texts = [exp.alias_(self._given(name), f"raw_{name}") for name in self.texts]
        return self._query(self.outputs, texts)

    @cached_property
    def texts(self) -> list[str]:
        """Columns that are texts in the warehouse and no texts in the model."""
        return [
            name
            for name, output in self.outputs.items()
            if output.kind == "text" and not output.is_null and self.entity.schema[name] != "text"
        ]

    @property
    def told(self) -> tuple[Described | None, str]:
        """What the warehouse says of the SELECT."""
        return self._described, self.refused

    @cached_property
    def leaves(self) -> dict[str, set[Leaf]]:
        """No column is one of a raw table: the SELECT alone says what it is."""
        return {name: set() for name in self.emits}

    @cached_property
    def _pruned(self) -> dict[frozenset[str], Pruned]:
        return {}

    def pruned(self, columns: Collection[str]) -> Pruned:
        key = frozenset(columns)
        if key not in self._pruned:
            query = translated(self._query(key), self.entity, self.source.labels)
            self._pruned[key] = Pruned(query, self._raw(query))
        return self._pruned[key]

    def labelled(self, columns: Collection[str]) -> Pruned:
        query = self._query(columns)
        return Pruned(query, self._raw(query))

    @cached_property
    def query(self) -> exp.Query:
        return self.pruned(self.emits).query

    @cached_property
    def qualified(self) -> exp.Query:
        return self.query

    def _raw(self, query: exp.Query) -> Mapping[str, Collection[str]]:
        """What fields of the profile read of other tables."""
        return columns_used(query) if self.fields else {}

    def _query(self, columns: Collection[str], more: Sequence[exp.Expression] = ()) -> exp.Query:
        """The asked columns, as types of the model."""
        fields = [field for field in self.fields if field.column in columns]
        asked = {*columns, *(("id",) if fields else ())}
        names = [name for name in self.outputs if name in asked]
        values = [exp.alias_(self._typed(name)[0], name) for name in names]
        values = [*values, *more] or [exp.alias_(exp.Literal.number(1), "_")]
        if self.tree is None:
            query: exp.Query = exp.select(*values).from_(verbatim(self.select.text, _ALIAS))
        else:
            inner = [self._folded(self.outputs[name].name) for name in names]
            query = wrapped(prune(self.tree, inner), values, _ALIAS)
        return with_fields(query, fields) if fields else query

    def _typed(self, name: str) -> tuple[exp.Expression, Type]:
        output, wanted = self.outputs[name], self.entity.schema[name]
        if output.is_null or not fits(output.kind, wanted):
            return exp.cast(exp.null(), wanted), wanted
        return typed(self._given(name), output.kind, wanted, self.source.zones)

    def _given(self, name: str) -> exp.Expression:
        """The column as the SELECT gives it."""
        called = self.outputs[name].name
        quoted = called != name
        folded_ = self._folded(called) if self.tree is not None else called
        return exp.column(exp.to_identifier(folded_, quoted=quoted), _ALIAS)


def user_selects(sources: Sequence[MappedSource]) -> list[SelectedEntity]:
    """The entities that SELECTs of the user's own give."""
    return [e for source in sources for e in source.values() if isinstance(e, SelectedEntity)]

"""From a fact (or entity) to one SELECT in one dialect, holding only what it needs.

The query is built from the top: what a fact selects decides which columns are asked of the facts,
calendars and entities below it, and so on down to the raw tables. Each of them becomes one CTE
with just those columns. Where an entity comes from is the business of `Relations`: tables of
`crmkpi build` (`BuiltRelations`) or the connectors' mappings inlined (`live.LiveRelations`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from superset_crmkpi import dialects
from superset_crmkpi.catalog import Catalog, Fact, Kpi
from superset_crmkpi.errors import CrmKpiError
from superset_crmkpi.model import Entity
from superset_crmkpi.paths import SQL
from superset_crmkpi.settings import CompileSettings
from superset_crmkpi.sqlfile import SqlFile, read_sql_files

Schema = Mapping[str, Mapping[str, str]]


@dataclass
class Part:
    """A relation as a query: `query` may name `needs` (relation -> columns) of other parts."""

    name: str
    query: exp.Expression
    needs: dict[str, set[str]] = field(default_factory=dict)


class Relations(Protocol):
    """Where canonical entities and the calendars come from."""

    def table(self, name: str) -> exp.Table | None:
        """The physical table that holds relation `name`, or None when it must be inlined."""

    def parts(self, entity: Entity, columns: set[str]) -> list[Part]:
        """The entity as parts, the last named as the entity itself."""


class BuiltRelations:
    """Entities and calendars as tables in `schema` (made by `crmkpi build` or by dbt)."""

    def __init__(self, schema: str = "crmkpi") -> None:
        self.schema = schema

    def table(self, name: str) -> exp.Table | None:
        quoted = name == "user"
        return exp.Table(
            this=exp.to_identifier(name, quoted=quoted), db=exp.to_identifier(self.schema)
        )

    def parts(self, entity: Entity, columns: set[str]) -> list[Part]:
        raise AssertionError("built entities are tables")


class Compiler:
    """Compiles facts, entities and KPI expressions for one profile and engine."""

    def __init__(
        self,
        model: Mapping[str, Entity],
        catalog: Catalog,
        relations: Relations,
        settings: CompileSettings,
    ) -> None:
        self.model = model
        self.catalog = catalog
        self.relations = relations
        self.settings = settings
        self.calendars = {file.name: file for file in read_sql_files(SQL / "calendar")}
        self._columns: dict[str, dict[str, str]] = {}

    # -- what users of this class call ---------------------------------------------------------

    def fact(self, name: str, columns: Iterable[str] | None = None) -> str:
        """SQL of a fact, all its columns or those named, pretty, with a comment on top."""
        wanted = list(columns) if columns is not None else self.columns_of(name)
        return self._assemble(name, wanted, f"fact {name}")

    def entity(self, name: str) -> str:
        """SQL of a canonical entity (or calendar), all its columns and companions."""
        schema = self.schema()
        return self._assemble(name, list(schema[name]), f"canonical {name}", top_is_table=False)

    def columns_of(self, fact: str) -> list[str]:
        """Output columns of a fact, in the order of its SELECT."""
        return [str(name) for name in self.catalog.facts[fact].query.named_selects]

    def column_types(self, fact: str) -> dict[str, str]:
        """Output column -> canonical type (text when it cannot be told)."""
        return dict(self._fact_schema(fact))

    def expression(self, kpi: Kpi) -> str:
        """The aggregate of a KPI in the engine's dialect."""
        node = dialects.finish(self._with_settings(kpi.expression, kpi.file), self.settings.dialect)
        return node.sql(dialect=self.settings.dialect)

    def demand(self, fact: str, columns: Iterable[str] | None = None) -> dict[str, set[str]]:
        """Which columns of which entities a fact (or some of its columns) reads."""
        wanted = list(columns) if columns is not None else self.columns_of(fact)
        demanded: dict[str, set[str]] = {}
        self._collect(fact, set(wanted), demanded, {})
        return {name: found for name, found in demanded.items() if name in self.model}

    # -- schema ---------------------------------------------------------------------------------

    def schema(self) -> dict[str, dict[str, str]]:
        """Columns of every entity and calendar."""
        found = {name: dict(entity.schema) for name, entity in self.model.items()}
        for name, file in self.calendars.items():
            found[name] = {str(column): _CALENDAR_TYPES.get(str(column), "bigint")
                           for column in file.parse().named_selects}
        return found

    def _fact_schema(self, name: str) -> dict[str, str]:
        if name not in self._columns:
            query = self._qualified(name)
            from sqlglot.optimizer.annotate_types import annotate_types

            typed = annotate_types(query, schema=self._visible(name))
            self._columns[name] = {
                str(select.alias_or_name): _type_name(select) for select in typed.selects
            }
        return self._columns[name]

    def _visible(self, name: str) -> dict[str, dict[str, str]]:
        schema = self.schema()
        if name in self.catalog.facts:
            for other in self._referenced(self.catalog.facts[name].query):
                if other in self.catalog.facts:
                    schema[other] = self._fact_schema(other)
        return schema

    def _referenced(self, query: exp.Expression) -> set[str]:
        ctes = {cte.alias for cte in query.find_all(exp.CTE)}
        return {t.name for t in query.find_all(exp.Table) if t.name not in ctes and not t.db}

    def _file(self, name: str) -> SqlFile | None:
        if name in self.catalog.facts:
            return self.catalog.facts[name].file
        return self.calendars.get(name)

    # -- qualify and prune ------------------------------------------------------------------------

    def _qualified(self, name: str) -> exp.Expression:
        file = self._file(name)
        assert file is not None
        query = self._with_settings(file.parse(), file)
        known = self._visible(name)
        for other in self._referenced(query):
            if other not in known:
                raise file.fail(f"`from {other}`: no such entity, calendar or fact")
        try:
            return qualify(
                query,
                schema=known,
                dialect="duckdb",
                quote_identifiers=False,
                identify=False,
                infer_schema=False,
            )
        except SqlglotError as error:
            raise file.fail(str(error).splitlines()[0]) from error

    def _with_settings(self, query: exp.Expression, file: SqlFile) -> exp.Expression:
        values = self._setting_values(file)

        def replace(node: exp.Expression) -> exp.Expression:
            if not isinstance(node, exp.Placeholder) or not node.name:
                return node
            if node.name not in values:
                raise file.fail(f"`${node.name}` is not declared under `settings`")
            return _literal(values[node.name])

        return query.transform(replace)

    def _setting_values(self, file: SqlFile) -> dict[str, Any]:
        calendar = self.settings.calendar
        today: Any = calendar.today or dialects.call("crm_today", calendar.time_zone)
        values: dict[str, Any] = {
            "today": today,
            "week_start": calendar.week_start,
            "fiscal_year_start": calendar.fiscal_year_start,
        }
        fact = self.catalog.facts.get(self._fact_of(file))
        if fact:
            for name, setting in fact.meta.settings.items():
                values[name] = self.settings.values.get(name, setting.default)
        return values

    def _fact_of(self, file: SqlFile) -> str:
        kpi = self.catalog.kpis.get(file.name)
        return kpi.fact if kpi and kpi.file is file else file.name

    def _pruned(self, name: str, columns: set[str]) -> exp.Expression:
        """The query of a fact or calendar with only `columns` (and what they need)."""
        query = self._qualified(name)
        order = [str(c) for c in query.named_selects if str(c) in columns]
        outer = exp.select(*order or ["1"]).from_("_pruned").with_("_pruned", as_=query)
        outer = qualify(outer, dialect="duckdb", quote_identifiers=False, identify=False,
                        schema=self._visible(name), infer_schema=False)
        pushed = pushdown_projections(outer, schema=self._visible(name))
        inner = pushed.find(exp.CTE)
        while inner is not None and inner.alias != "_pruned":  # pragma: no cover - first by build
            inner = next(c for c in pushed.find_all(exp.CTE) if c.alias == "_pruned")
        assert inner is not None
        return _drop_unused_ctes(inner.this)

    # -- collect and assemble ---------------------------------------------------------------------

    def _collect(
        self,
        name: str,
        columns: set[str],
        demanded: dict[str, set[str]],
        queries: dict[str, exp.Expression],
    ) -> None:
        """Walk from `name` down through facts and calendars; entities are left in `demanded`."""
        waiting = {name: set(columns)}
        order = self._topological(name)
        for relation in order:
            if relation not in waiting:
                continue
            demanded.setdefault(relation, set()).update(waiting[relation])
            if self._file(relation) is None or (
                relation != name and self.relations.table(relation) is not None
                and relation not in self.catalog.facts
            ):
                continue
            query = self._pruned(relation, waiting[relation])
            queries[relation] = query
            for table, used in columns_used(query).items():
                waiting.setdefault(table, set()).update(used)

    def _topological(self, name: str) -> list[str]:
        """`name` and all it reads, each before what it reads itself."""
        found: list[str] = []
        state: dict[str, int] = {}

        def visit(relation: str) -> None:
            if state.get(relation) == 2:
                return
            if state.get(relation) == 1:
                raise CrmKpiError(f"{relation}.sql: the fact reads itself, through others")
            state[relation] = 1
            file = self._file(relation)
            if file is not None:
                for other in sorted(self._referenced(file.parse())):
                    visit(other)
            state[relation] = 2
            found.append(relation)

        visit(name)
        return found[::-1]

    def _assemble(
        self, name: str, columns: list[str], what: str, top_is_table: bool = True
    ) -> str:
        demanded: dict[str, set[str]] = {}
        queries: dict[str, exp.Expression] = {}
        parts: list[Part] = []
        self._collect(name, set(columns), demanded, queries)
        for relation in reversed(self._topological(name)):
            if relation not in demanded:
                continue
            if relation in queries:
                parts.append(Part(relation, queries[relation]))
            elif self.relations.table(relation) is None or (relation == name and not top_is_table):
                parts.extend(self.relations.parts(self.model[relation], demanded[relation]))
        top = _stitch(parts, name, self.relations)
        missing = [c for c in columns if c not in {str(s) for s in top.named_selects}]
        if missing:
            raise CrmKpiError(f"{name}: no column `{missing[0]}`")
        finished = dialects.finish(top, self.settings.dialect)
        text = finished.sql(dialect=self.settings.dialect, pretty=True)
        return f"/* superset-crmkpi: {what}. Generated; edit the profile or sql/ instead. */\n{text}"


def columns_used(query: exp.Expression) -> dict[str, set[str]]:
    """Columns a qualified query reads, per table that is not a CTE of its own."""
    used: dict[str, set[str]] = {}
    for scope in traverse_scope(query):
        for source in scope.sources.values():
            if isinstance(source, exp.Table) and not source.db:
                used.setdefault(source.name, set())
        for column in scope.columns:
            source = scope.sources.get(column.table)
            if isinstance(source, exp.Table) and not source.db:
                used[source.name].add(column.name)
    return used


def _drop_unused_ctes(query: exp.Expression) -> exp.Expression:
    """Remove CTEs that nothing reads any more, until none is left."""
    while True:
        with_ = query.args.get("with_") or query.args.get("with")
        if with_ is None:
            return query
        read = [table.name for table in query.find_all(exp.Table)]
        unused = [cte for cte in with_.expressions if cte.alias not in read]
        if not unused:
            return query
        for cte in unused:
            cte.pop()
        if not with_.expressions:
            with_.pop()


def _stitch(parts: list[Part], name: str, relations: Relations) -> exp.Expression:
    """One query of many parts: their CTEs are hoisted, the last part is the body."""
    ctes: list[tuple[str, exp.Expression]] = []
    taken = {part.name for part in parts}
    for part in parts:
        hoisted, body = _hoist(part, taken)
        ctes.extend(hoisted)
        if part is not parts[-1]:
            ctes.append((part.name, body))
    made = {alias for alias, _ in ctes}
    for query in [body for _, body in ctes] + [body]:
        for table in list(query.find_all(exp.Table)):
            if table.name in made or table.db:
                continue
            physical = relations.table(table.name)
            if physical is not None:
                alias = table.alias or table.name
                table.replace(exp.alias_(physical, alias, table=True, quoted=alias == "user"))
    for alias, query in ctes:
        body = body.with_(exp.to_identifier(alias, quoted=alias == "user"), as_=query, copy=False)
    return body


def _hoist(part: Part, taken: set[str]) -> tuple[list[tuple[str, exp.Expression]], exp.Expression]:
    """Take the CTEs of a part out, renamed when another part has the name already."""
    query = part.query
    with_ = query.args.get("with_") or query.args.get("with")
    if with_ is None:
        return [], query
    own = {cte.alias for cte in with_.expressions}
    names = {alias: alias if alias not in taken else f"{part.name}_{alias}" for alias in own}
    for scope_query in [query]:
        for table in scope_query.find_all(exp.Table):
            if table.name in names and names[table.name] != table.name and not table.db:
                alias = table.alias or table.name
                table.set("this", exp.to_identifier(names[table.name]))
                table.set("alias", exp.TableAlias(this=exp.to_identifier(alias)))
    hoisted = [(names[cte.alias], cte.this) for cte in with_.expressions]
    taken.update(names.values())
    with_.pop()
    return hoisted, query


def _literal(value: Any) -> exp.Expression:
    if isinstance(value, exp.Expression):
        return value.copy()
    if isinstance(value, (list, tuple, set)):
        return exp.Tuple(expressions=[_literal(item) for item in value])
    if isinstance(value, bool) or value is None:
        return exp.convert(value)
    if isinstance(value, (int, float)):
        return exp.Literal.number(value)
    if isinstance(value, str):
        return exp.Literal.string(value)
    return exp.cast(exp.Literal.string(value.isoformat()), "date")


_CALENDAR_TYPES = {
    "date_day": "date",
    "week_start": "date",
    "month_start": "date",
    "quarter_start": "date",
    "year_start": "date",
    "fiscal_quarter_start": "date",
    "fiscal_year_start": "date",
    "schedule": "text",
}


def _type_name(select: exp.Expression) -> str:
    kind = select.type.this if select.type else None
    if kind in exp.DataType.TEXT_TYPES:
        return "text"
    if kind == exp.DataType.Type.DATE:
        return "date"
    if kind in exp.DataType.TEMPORAL_TYPES:
        return "timestamp"
    if kind == exp.DataType.Type.BOOLEAN:
        return "boolean"
    if kind in exp.DataType.INTEGER_TYPES:
        return "bigint"
    return "double" if kind in exp.DataType.NUMERIC_TYPES else "text"


__all__ = ["BuiltRelations", "Compiler", "Fact", "Part", "Relations", "columns_used", "sqlglot"]

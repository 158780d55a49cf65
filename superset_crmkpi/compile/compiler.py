"""From a fact (or entity) to one SELECT in one dialect, holding only what it needs.

The query is built from the top: what a fact selects decides which columns are asked of the facts,
calendars and entities below it, and so on down to the raw tables. Each of them becomes one CTE
with just those columns. Where an entity comes from is the business of `Relations`: tables of
`crmkpi build` (`BuiltRelations`) or the connectors' mappings inlined (`live.LiveRelations`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp
from sqlglot.errors import SqlglotError

from superset_crmkpi import dialects
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.logs import timed
from superset_crmkpi.base.settings import CompileSettings
from superset_crmkpi.base.sqlfile import SqlFile, parse_sql
from superset_crmkpi.base.types import Type
from superset_crmkpi.canonical.calendar import calendar_types, load_calendars
from superset_crmkpi.canonical.model import Entity
from superset_crmkpi.catalogue.definitions import Catalog, Kpi
from superset_crmkpi.compile.keys import keys_of
from superset_crmkpi.compile.relations import (
    FACT,
    Part,
    Relations,
    Statement,
    identifier,
    literal,
    stitch,
    written,
)
from superset_crmkpi.query.compose import wrapped
from superset_crmkpi.query.keys import Keys
from superset_crmkpi.query.prune import qualified, tables_read
from superset_crmkpi.query.say import says, spoken, templates
from superset_crmkpi.query.templates import untemplated
from superset_crmkpi.query.trees import Pruned, Shared, lightened
from superset_crmkpi.query.types import column_types

logger = logging.getLogger(__name__)

HEADER = "/* superset-crmkpi: {what}. Generated: edit the profile or sql/, not this text. */"


@dataclass(frozen=True)
class Definition:
    """A fact or calendar, qualified, with the types of its columns; copy what you change."""

    query: exp.Query
    types: dict[str, Type]
    _pruned: dict[tuple[frozenset[str], str], Pruned] = field(default_factory=dict)

    def pruned(self, columns: frozenset[str], keys: Keys) -> Pruned:
        """Cut down to `columns`; `keys` of the tables it reads."""
        key = columns, repr(sorted(keys.items()))
        if key not in self._pruned:
            self._pruned[key] = Pruned.of(self.query, columns, keys)
        return self._pruned[key]


#: of all compilers of this process: those of a profile's modes define facts alike
_DEFINITIONS = Shared[Definition]()
_READS = Shared[set[str]]()
_MEASURES = Shared[str](16384)


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
        self.calendars = load_calendars()
        self._files = {**self.calendars, **{n: f.file for n, f in catalog.facts.items()}}
        self._schema = self._base_schema()
        self._keys = keys_of(model, catalog)
        # what was worked out once; none of it is changed afterwards
        self._definitions: dict[str, Definition] = {}
        self._read: dict[str, set[str]] = {}
        self._texts: dict[tuple[str, frozenset[str]], str] = {}

    def fact(self, name: str, columns: Iterable[str] | None = None) -> str:
        """SQL of a fact, all its columns or those named, pretty, with a comment on top."""
        wanted = list(columns) if columns is not None else self.columns_of(name)
        return self._text(name, wanted, f"fact {name}")

    def made_fact(self, name: str, schema: str, columns: Iterable[str] | None = None) -> str:
        """SQL that reads a fact as `crmkpi build` made it in `schema`: what is shown, by name."""
        wanted = self.shown(name) if columns is None else columns
        table = exp.Table(this=identifier(FACT + name), db=exp.to_identifier(schema))
        selects = [exp.Column(this=identifier(column)) for column in wanted]
        read = Statement(exp.select(*selects).from_(table), {})
        text = written(read, self.settings.dialect, {})
        return f"{HEADER.format(what=f'fact {name}')}\n{text}"

    def entity(self, name: str, columns: Iterable[str] | None = None) -> str:
        """SQL of a canonical entity or calendar, all its columns and companions or those named."""
        wanted = list(self._schema[name] if columns is None else columns)
        return self._text(name, wanted, f"canonical {name}")

    def _text(self, name: str, columns: list[str], what: str) -> str:
        key = name, frozenset(columns)
        if key not in self._texts:
            with timed(logger, f"compiled {what}") as outcome:
                self._texts[key] = self._assemble(name, columns, what)
                outcome.append(f"{len(self._texts[key]):,} characters")
        return self._texts[key]

    def columns_of(self, fact: str) -> list[str]:
        """Output columns of a fact, in the order of its SELECT."""
        return [str(name) for name in self._qualified(fact).query.named_selects]

    def types_of(self, fact: str) -> dict[str, Type]:
        """Output column -> type."""
        self._qualified(fact)
        return dict(self._schema[fact])

    def shown(self, fact: str) -> dict[str, Type]:
        """Output column -> type, of what datasets may have: personal data only by the settings."""
        hidden = () if self.settings.personal_data else self.catalog.facts[fact].meta.personal
        return {name: kind for name, kind in self.types_of(fact).items() if name not in hidden}

    def definition(self, fact: str) -> exp.Query:
        """The qualified query of a fact; copy what you change."""
        return self._qualified(fact).query

    def expression(self, kpi: Kpi) -> str:
        """The aggregate of a KPI in the engine's dialect."""
        return self._measured(self.with_settings(kpi.expression, kpi.file, kpi.fact))

    def measure(self, fact: str, sql: str) -> str:
        """A measure of a fact in the engine's dialect."""
        file = self._files[fact]

        def made() -> str:
            parsed = self._spoken(parse_sql(sql, f"{file.path.name}: measure"), sql)
            return self._measured(self.with_settings(parsed, file, fact))

        values = repr(sorted(self._values_of(fact).items())) if "$" in sql else ""
        key = (sql, self.settings.dialect, values, self._tongue(sql))
        return _MEASURES.once(key, made)

    def _measured(self, node: exp.Expression) -> str:
        dialect = self.settings.dialect
        return dialects.finish(untemplated(node), dialect).sql(dialect=dialect)

    def demand(self, fact: str, columns: Iterable[str] | None = None) -> dict[str, set[str]]:
        """Which columns of which entities a fact (or some of its columns) reads."""
        wanted = set(columns) if columns is not None else set(self.columns_of(fact))
        demanded, _ = self._collect(fact, wanted)
        return {name: found for name, found in demanded.items() if name in self.model}

    def _base_schema(self) -> dict[str, dict[str, Type]]:
        schema = {name: dict(entity.schema) for name, entity in self.model.items()}
        return schema | {name: calendar_types(file) for name, file in self.calendars.items()}

    def _qualified(self, name: str) -> Definition:
        """The qualified query of a fact or calendar; its output types enter the schema."""
        if name not in self._definitions:
            file, known = self._files[name], self._known(name)
            for other in sorted(self._reads(name)):
                if other in self.catalog.facts and other != name:
                    known[other] = self._qualified(other).types
                elif other not in self._schema:
                    raise file.fail(f"`from {other}`: no such entity, calendar or fact")
            values = self._values_of(name)
            key = (
                name,
                file.path,
                file.sql,
                repr(sorted(values.items())),
                repr(sorted(known.items())),
                self._tongue(file.sql),
            )
            found = _DEFINITIONS.once(key, lambda: self._defined(name, known))
            self._definitions[name] = found
            if name not in self.calendars:
                self._schema[name] = found.types
        return self._definitions[name]

    def _defined(self, name: str, known: Mapping[str, Mapping[str, Type]]) -> Definition:
        file = self._files[name]
        query = self.with_settings(file.query(), file, name)
        assert isinstance(query, exp.Query)
        try:
            whole = lightened(qualified(query, known))
        except SqlglotError as error:
            raise file.fail(str(error).splitlines()[0]) from error
        return Definition(whole, column_types(whole, known))

    def _known(self, relation: str) -> dict[str, dict[str, Type]]:
        """The schema of what a relation reads (sqlglot takes long over the whole of it)."""
        read = self._reads(relation)
        return {name: self._schema[name] for name in read if name in self._schema}

    def with_settings(self, query: exp.Expression, file: SqlFile, fact: str) -> exp.Expression:
        """The query of `fact`, changed: values of the profile stand in the place of `$name`.

        What it says is in the language of the catalogue.
        """
        query, values = self._spoken(query, file.sql), self._values_of(fact)

        def replace(node: exp.Expression) -> exp.Expression:
            if not isinstance(node, exp.Placeholder) or not node.name:
                return node
            if node.name not in values:
                raise file.fail(f"`${node.name}` is not declared under `settings`")
            return literal(values[node.name])

        return query.transform(replace, copy=False)

    def _spoken(self, query: exp.Expression, sql: str) -> exp.Expression:
        """The query, changed where its text `sql` says something."""
        return spoken(query, self.catalog.language.say) if says(sql) else query

    def _tongue(self, sql: str) -> tuple[str, ...]:
        """What the compilation of a text follows from beside itself: what is said of it."""
        if not says(sql):
            return ()
        return tuple(map(self.catalog.language.say, templates(parse_sql(sql, "what it says"))))

    def _values_of(self, fact: str) -> dict[str, Any]:
        """What stands for each `$name` in a fact."""
        calendar = self.settings.calendar
        values: dict[str, Any] = {
            "today": calendar.today or dialects.call("crm_today", calendar.time_zone),
            "time_zone": calendar.time_zone,
            "week_start": calendar.week_start,
            "fiscal_year_start": calendar.fiscal_year_start,
        }
        if fact in self.catalog.facts:
            for name, setting in self.catalog.facts[fact].meta.settings.items():
                values[name] = self.settings.values.get(name, setting.default)
        return values

    def _inlined(self, relation: str) -> bool:
        """Whether `relation` has a query of its own to inline (facts always do)."""
        if relation in self.catalog.facts:
            return True
        return relation in self.calendars and self.relations.table(relation) is None

    def _collect(
        self, name: str, columns: set[str]
    ) -> tuple[dict[str, set[str]], dict[str, exp.Query]]:
        """Columns demanded of each relation below `name`, and the pruned queries of facts."""
        demanded: dict[str, set[str]] = {name: set(columns)}
        queries: dict[str, exp.Query] = {}
        for relation in self._top_down(name):
            if relation in demanded and (
                self._inlined(relation) or (relation == name and name in self.calendars)
            ):
                pruned = self._pruned_to(relation, frozenset(demanded[relation]))
                queries[relation] = pruned.query
                for table, used in pruned.reads.items():
                    demanded.setdefault(table, set()).update(used)
        return demanded, queries

    def _pruned_to(self, relation: str, columns: frozenset[str]) -> Pruned:
        keys = {table: self._keys[table] for table in self._reads(relation) if table in self._keys}
        return self._qualified(relation).pruned(columns, keys)

    def _reads(self, relation: str) -> set[str]:
        """What a fact or calendar reads."""
        if relation not in self._read:
            file = self._files[relation]
            key = file.path, file.sql
            self._read[relation] = _READS.once(key, lambda: tables_read(file.query()))
        return self._read[relation]

    def _top_down(self, name: str) -> list[str]:
        """`name` and all it reads, each before what it reads itself."""
        finished: list[str] = []
        open_: list[str] = []

        def visit(relation: str) -> None:
            if relation in finished:
                return
            if relation in open_:
                raise CrmKpiError(f"{relation}.sql: the fact reads itself, by {' > '.join(open_)}")
            open_.append(relation)
            if relation in self._files:
                for other in sorted(self._reads(relation)):
                    visit(other)
            open_.pop()
            finished.append(relation)

        visit(name)
        return finished[::-1]

    def _assemble(self, name: str, columns: list[str], what: str) -> str:
        demanded, queries = self._collect(name, set(columns))
        entities = {
            relation: used
            for relation, used in demanded.items()
            if relation in self.model
            and (relation == name or self.relations.table(relation) is None)
        }
        parts = self.relations.parts(entities)
        bottom_up = reversed(self._top_down(name))
        for relation in sorted(bottom_up, key=lambda other: other not in self.calendars):
            if relation in queries:
                parts.append(self._part(relation, queries[relation].copy()))
        statement = stitch(parts, name, self.relations)
        known = {str(select) for select in statement.query.named_selects}
        missing = [column for column in columns if column not in known]
        if missing:
            raise CrmKpiError(f"{name}: no column `{missing[0]}`")
        if name in self.catalog.facts and known - set(columns):  # a DISTINCT has to stay whole
            chosen = [exp.column(identifier(column)) for column in columns]
            statement.query = wrapped(statement.query, chosen, "whole")
        tables = {n: columns for n, columns in self._schema.items() if self.relations.table(n)}
        text = written(statement, self.settings.dialect, {**self.relations.raw_types(), **tables})
        return f"{HEADER.format(what=what)}\n{text}"

    def _part(self, relation: str, query: exp.Query) -> Part:
        section = "calendar" if relation in self.calendars else "facts"
        path = self._files[relation].path  # that of a fact which code makes, too
        return Part(relation, query, f"sql/{path.parent.name}/{path.name}", section)

"""Live mode: canonical entities inlined from connectors' mappings over raw tables.

For each entity: raw tables (typed), one mapping per source, and a *finish* that all sources share:
ids get their source's prefix, deleted rows go, texts become canonical types, dates and minutes are
taken in the reporting time zone, money in the reporting currency, and sources are put together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from sqlglot import exp

from superset_crmkpi.base.settings import CompileSettings
from superset_crmkpi.base.sqlfile import packaged
from superset_crmkpi.base.types import TYPES, Type
from superset_crmkpi.canonical.model import LATEST, Entity
from superset_crmkpi.compile import matching
from superset_crmkpi.compile.finish import Values
from superset_crmkpi.compile.matching import AccountMatching
from superset_crmkpi.compile.relations import Part, identifier
from superset_crmkpi.connectors.newest import is_newest, place_of
from superset_crmkpi.connectors.raw_tables import empty
from superset_crmkpi.connectors.source import MappedSource
from superset_crmkpi.dialects.engine import Schema
from superset_crmkpi.query.clauses import nodes_in
from superset_crmkpi.query.compose import union, unwrapped, wrapped
from superset_crmkpi.query.prune import with_clause
from superset_crmkpi.query.trees import Pruned

FX = "fx"
#: what says of two rows of an id which is newer, where a user's own SELECT gives both
CHANGED = "updated_at"


class LiveRelations:
    """`compiler.Relations` over the sources of a profile."""

    def __init__(
        self,
        model: Mapping[str, Entity],
        sources: list[MappedSource],
        settings: CompileSettings,
        matching: AccountMatching | None = None,
    ) -> None:
        self.model = model
        self.sources = sources
        self.settings = settings
        self.matching = matching

    def table(self, name: str) -> exp.Table | None:
        return None

    def raw_types(self) -> Schema:
        return self._raw_types

    @cached_property
    def _raw_types(self) -> dict[str, Mapping[str, Type]]:
        return {
            f"{schema}.{table}": {n: TYPES[kind] for n, kind in columns.items() if kind == "text"}
            for source in self.sources
            for (schema, table), columns in source.raw.snapshot.tables.items()
        }

    def parts(self, demands: Mapping[str, set[str]]) -> list[Part]:
        """Raw parts, then mappings, then finished entities; `fx` where money is asked for."""
        wanted = {entity: set(columns) for entity, columns in demands.items()}
        converts = any(self._converts(entity, columns) for entity, columns in wanted.items())
        if converts:
            wanted.setdefault("fx_rate", set()).update(
                ("id", "from_currency", "to_currency", "valid_from", "rate")
            )
        matched = self.matching if self.matching and self._matches(wanted) else None
        keys = matched.demands() if matched else {}
        raw: dict[tuple[str, str], set[str]] = {}
        mapped: list[Part] = []
        finished: list[Part] = []
        for name in sorted({*wanted, *keys}, key=lambda entity: (entity != "fx_rate", entity)):
            entity = self.model[name]
            asked = wanted.get(name, set())
            selects = []
            for source in self.sources:
                fault = source[name].fault if name in source else None
                if fault is not None:
                    raise fault
                read = asked | (keys.get(name, set()) if self._is_matched(source) else set())
                if not source.usable(name) or not (name in wanted or read):
                    continue
                pruned = source[name].pruned(self._source_columns(entity, source, read))
                for table, columns in pruned.reads.items():
                    raw.setdefault((source.name, table), set()).update(columns)
                if name in wanted:
                    selects.append(
                        self._finish(entity, source, self._own(name, asked), pruned.query)
                    )
                mapped.append(_mapped(source, name, pruned))
            if name in wanted:
                finished += self._finished(entity, asked, selects, matched)
            if name == "fx_rate" and converts:
                finished.append(Part(FX, self._fx(), "sql/rates/fx.sql"))
        if matched:
            origin = "accounts matched: sql/matching"
            mapped += [replace(p, origin=origin, section="mapped") for p in matched.parts()]
        by_name = {source.name: source for source in self.sources}
        parts = [
            _raw(by_name[source], table, columns)
            for (source, table), columns in sorted(raw.items())
        ]
        return parts + mapped + [replace(part, section="canonical") for part in finished]

    def _finished(
        self,
        entity: Entity,
        columns: set[str],
        selects: list[exp.Query],
        matched: AccountMatching | None,
    ) -> list[Part]:
        if matched and entity.name == matching.ENTITY:
            return [Part(entity.name, matched.entity(entity, columns))]
        if matched and entity.name == "account":
            own = self._union(entity, self._own(entity.name, columns), selects)
            merged = matched.merged(entity, columns, "account_own")
            return [Part("account_own", own, "sql/model/account.sql"), Part("account", merged)]
        return [
            Part(entity.name, self._union(entity, columns, selects), f"sql/model/{entity.name}.sql")
        ]

    def _own(self, entity: str, columns: set[str]) -> set[str]:
        """What the accounts of the sources have to give so that `columns` can be merged."""
        return columns | {"id"} if self.matching and entity == "account" else columns

    def _is_matched(self, source: MappedSource) -> bool:
        return self.matching is not None and source.name in self.matching.names

    def _matches(self, wanted: Mapping[str, set[str]]) -> bool:
        """Whether an account is asked for, or a reference to one."""
        return any(
            name in ("account", matching.ENTITY)
            or any(
                c in entity.columns and entity.columns[c].references == "account" for c in columns
            )
            for name, columns in wanted.items()
            for entity in [self.model[name]]
        )

    def _converts(self, entity: str, columns: set[str]) -> bool:
        companions = self.model[entity].companions
        return any(
            columns & {name}
            and companion.kind == "base"
            and any(
                source.usable(entity)
                and name not in source[entity].emits
                and "currency" in source[entity].emits
                for source in self.sources
            )
            for name, companion in companions.items()
        )

    def _source_columns(self, entity: Entity, source: MappedSource, columns: set[str]) -> set[str]:
        """What to ask of a mapping so that `columns` can be finished."""
        emitted = set(source[entity.name].emits)
        needed = {"id", "is_deleted"} | (set() if source.has_schema else {CHANGED})
        waiting = list(columns)
        while waiting:
            name = waiting.pop()
            if name in emitted:
                needed.add(name)
                continue
            companion = entity.companions.get(name)
            if companion is None:
                continue
            waiting.append(companion.of)
            if companion.kind == "base":
                needed.add("currency")
                waiting.extend(d for d in entity.money[companion.of] if d != LATEST)
        return needed & emitted

    def _finish(
        self, entity: Entity, source: MappedSource, columns: set[str], mapped: exp.Query
    ) -> exp.Query:
        given = source[entity.name].types
        types = {name: given[name] for name in mapped.named_selects if name in given}
        emitted = set(types)
        followers = self.matching.followers if self.matching else set()
        values = Values(entity, source, types, self.settings, columns, followers)
        query = exp.select(
            *[exp.alias_(values.of(name), name) for name in entity.schema if name in columns]
            or ["1 as one"]
        ).from_(exp.alias_(exp.to_table(f"{source.name}_{entity.name}"), "m", table=True))
        if "is_deleted" in emitted:
            query = query.where("not coalesce(m.is_deleted, false)")
        for name, alias in values.matches.items():
            joined = exp.to_table(matching.RESOLVED).as_(alias)
            same = exp.column("own_id", alias).eq(values.own_id(name))
            query = query.join(joined, on=same, join_type="left")
        for dates, alias in values.rates.items():
            on: exp.Expression
            same_currency = exp.column("from_currency", alias).eq(values.rated_currency())
            if dates == (LATEST,):
                on = exp.and_(same_currency, f"{alias}.is_latest = 1")
            else:
                day = values.first_date(dates)
                on = same_currency.and_(
                    exp.GTE(this=day.copy(), expression=exp.column("valid_from", alias)),
                    exp.or_(
                        exp.column("valid_to", alias).is_(exp.null()),
                        exp.LT(this=day.copy(), expression=exp.column("valid_to", alias)),
                    ),
                )
            query = query.join(exp.to_table(FX).as_(alias), on=on, join_type="left")
        return query

    def _union(self, entity: Entity, columns: set[str], selects: list[exp.Query]) -> exp.Query:
        if not selects:
            names = [name for name in entity.schema if name in columns] or ["id"]
            return empty({name: entity.schema[name] for name in names})
        return union(selects)

    def _fx(self) -> exp.Query:
        """Rates to the reporting currency without overlaps: each holds until the next begins."""
        reporting = exp.Literal.string(self.settings.currency)
        return packaged("rates", "fx").filled(reporting=reporting)


def with_raw(source: MappedSource, mapped: Pruned) -> exp.Query:
    """A copy of the mapping that reads the raw parts in place of logical tables."""
    query = mapped.query.copy()
    own = with_clause(query)
    logical = set(mapped.reads) - {cte.alias for cte in (own.expressions if own else [])}
    for table in nodes_in(query, exp.Table):
        if table.name in logical and not table.db:
            alias = table.alias or table.name
            table.set("this", exp.to_identifier(raw_name(source.name, table.name)))
            table.set("alias", exp.TableAlias(this=identifier(alias)))
    return query


def _mapped(source: MappedSource, entity: str, pruned: Pruned) -> Part:
    origin = f"{source.connector.name}: mapping/{entity}.sql"
    query = unwrapped(with_raw(source, pruned))
    if not source.has_schema:
        query = each_once(query)
    return Part(f"{source.name}_{entity}", query, origin, "mapped")


def each_once(query: exp.Query) -> exp.Query:
    """The newest row of each id of a mapping whose raw tables nobody knows a key of.

    Of equal times the row whose values are greater, in the order of its columns.
    """
    names = [str(name) for name in query.named_selects]
    order = [CHANGED] if CHANGED in names else []
    order += [name for name in names if name not in ("id", CHANGED)]
    place = place_of([exp.column("id", "v")], [exp.column(name, "v") for name in order])
    numbered = wrapped(query, [exp.Star(), place], "v")
    newest = wrapped(numbered, [exp.column(name, "v") for name in names], "v")
    assert isinstance(newest, exp.Select)
    return newest.where(is_newest("v", exp.column("id", "v")))


def _raw(source: MappedSource, table: str, columns: set[str]) -> Part:
    physical = source.raw.physical(table)
    origin = f"{physical.schema}.{physical.name}" if physical else f"{table}: not there"
    name = raw_name(source.name, table)
    return Part(name, source.raw.query(table, columns), f"raw: {origin}", "raw")


def raw_name(source: str, table: str) -> str:
    """The name of a raw part."""
    return f"raw_{source}_{table}".lower()

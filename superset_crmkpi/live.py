"""Live mode: canonical entities inlined from connectors' mappings over raw tables.

For each entity: raw tables (typed), one mapping per source, and a *finish* that all sources share:
ids get their source's prefix, deleted rows go, texts become canonical types, dates and minutes are
taken in the reporting time zone, money in the reporting currency, and sources are put together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlglot
from sqlglot import exp

from superset_crmkpi import dialects, matching
from superset_crmkpi.bound import BoundSource
from superset_crmkpi.compiler import Part, identifier
from superset_crmkpi.errors import CrmKpiError
from superset_crmkpi.matching import AccountMatching, prefixed
from superset_crmkpi.model import LATEST, Companion, Entity
from superset_crmkpi.parts import union
from superset_crmkpi.prune import columns_used, tables_read
from superset_crmkpi.raw import empty
from superset_crmkpi.settings import CompileSettings
from superset_crmkpi.types import column_types

FX = "fx"


class LiveRelations:
    """`compiler.Relations` over the sources of a profile."""

    def __init__(
        self,
        model: Mapping[str, Entity],
        sources: list[BoundSource],
        settings: CompileSettings,
        matching: AccountMatching | None = None,
    ) -> None:
        self.model = model
        self.sources = sources
        self.settings = settings
        self.matching = matching

    def table(self, name: str) -> exp.Table | None:
        return None

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
                read = asked | (keys.get(name, set()) if self._is_matched(source) else set())
                if not source.usable(name) or not (name in wanted or read):
                    continue
                query = source.pruned(name, self._source_columns(entity, source, read))
                for table, columns in columns_used(query).items():
                    raw.setdefault((source.name, table), set()).update(columns)
                if name in wanted:
                    selects.append(self._finish(entity, source, self._own(name, asked), query))
                mapped.append(Part(f"{source.name}_{name}", with_raw(source, query)))
            if name in wanted:
                finished += self._finished(entity, asked, selects, matched)
            if name == "fx_rate" and converts:
                finished.append(Part(FX, self._fx()))
        if matched:
            mapped += matched.parts()
        by_name = {source.name: source for source in self.sources}
        parts = [
            Part(raw_name(source, table), by_name[source].raw.query(table, columns))
            for (source, table), columns in sorted(raw.items())
        ]
        return parts + mapped + finished

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
            return [Part("account_own", own), Part("account", merged)]
        return [Part(entity.name, self._union(entity, columns, selects))]

    def _own(self, entity: str, columns: set[str]) -> set[str]:
        """What the accounts of the sources have to give so that `columns` can be merged."""
        return columns | {"id"} if self.matching and entity == "account" else columns

    def _is_matched(self, source: BoundSource) -> bool:
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
                and name not in source.emits(entity)
                and "currency" in source.emits(entity)
                for source in self.sources
            )
            for name, companion in companions.items()
        )

    def _source_columns(self, entity: Entity, source: BoundSource, columns: set[str]) -> set[str]:
        """What to ask of a mapping so that `columns` can be finished."""
        emitted = set(source.emits(entity.name))
        needed = {"id", "is_deleted"}
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
        self, entity: Entity, source: BoundSource, columns: set[str], mapped: exp.Query
    ) -> exp.Query:
        types = column_types(mapped, source.known(mapped))
        emitted = set(types)
        followers = self.matching.followers if self.matching else set()
        values = _Values(entity, source, types, self.settings, followers)
        query = exp.select(
            *[exp.alias_(values.of(name), name) for name in entity.schema if name in columns]
            or ["1 as one"]
        ).from_(exp.alias_(exp.to_table(f"{source.name}_{entity.name}"), "m", table=True))
        if "is_deleted" in emitted:
            query = query.where("not coalesce(m.is_deleted, false)")
        for alias, own_id in values.matches.values():
            joined = exp.to_table(matching.RESOLVED).as_(alias)
            same = exp.column("own_id", alias).eq(own_id)
            query = query.join(joined, on=same, join_type="left")
        for alias, dates in values.rates.items():
            on: exp.Expression
            if dates == (LATEST,):
                on = exp.condition(f"{alias}.from_currency = m.currency and {alias}.is_latest = 1")
            else:
                day = values.first_date(dates)
                on = exp.condition(f"{alias}.from_currency = m.currency").and_(
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
        query = sqlglot.parse_one(
            """
            with ranked as (
              select from_currency, valid_from, rate,
                row_number() over (partition by from_currency, valid_from order by id) as n
              from fx_rate
              where coalesce(to_currency, 'REPORTING') = 'REPORTING'
            )
            select from_currency, valid_from, rate,
              lead(valid_from) over (partition by from_currency order by valid_from) as valid_to,
              case when row_number() over (partition by from_currency order by valid_from desc) = 1
                then 1 else 0 end as is_latest
            from ranked
            where n = 1
            """,
            dialect="duckdb",
        )
        reporting = query.transform(
            lambda node: (
                exp.Literal.string(self.settings.currency)
                if isinstance(node, exp.Literal) and node.this == "REPORTING"
                else node
            )
        )
        assert isinstance(reporting, exp.Query)
        return reporting


class _Values:
    """The finished value of each column of one entity from one source."""

    def __init__(
        self,
        entity: Entity,
        source: BoundSource,
        types: Mapping[str, str],
        settings: CompileSettings,
        followers: Collection[str] = (),
    ) -> None:
        self.entity = entity
        #: sources whose accounts may be another source's
        self.followers = followers
        #: reference to an account -> alias of a join to what it was matched with, and its own id
        self.matches: dict[str, tuple[str, exp.Expression]] = {}
        self.source = source
        self.types = types
        self.settings = settings
        #: alias of a join to fx -> the dates its rate is taken at
        self.rates: dict[str, tuple[str, ...]] = {}

    def of(self, name: str) -> exp.Expression:
        companion = self.entity.companions.get(name)
        if name in self.types:
            return self._column(name)
        if companion is not None and self._has(companion.of):
            return self._companion(companion)
        if name == "source_system":
            return exp.Literal.string(self.source.connector.name)
        if name == "source_id":
            return exp.cast(exp.column("id", "m"), "text")
        if name == "is_deleted":
            return exp.false()
        return exp.cast(exp.null(), self.entity.schema[name])

    def _has(self, name: str) -> bool:
        return name in self.types or name in ("source_id",)

    def _column(self, name: str) -> exp.Expression:
        wanted = self.entity.schema[name]
        column: exp.Expression = exp.column(name, "m")
        if self.types[name] == "date" and wanted == "timestamp":
            # a day is one of the reporting time zone: its midnight UTC may be the day before there
            midnight = exp.cast(column, wanted)
            column = dialects.call("crm_utc", midnight, self.settings.calendar.time_zone)
        elif self.types[name] == "timestamp" and wanted == "date":
            column = dialects.call("crm_local_date", column, self.settings.calendar.time_zone)
        elif self.types[name] != wanted:
            column = exp.cast(column, wanted)
        if name == "currency":
            default = self.source.source.currency or self.settings.currency
            return exp.func("coalesce", column, exp.Literal.string(default))
        target = self.entity.name if name == "id" else None
        if name in self.entity.columns:
            target = target or self.entity.columns[name].references
        if target is None:
            return column
        owner = self.source.source.links.get(target, self.source.name)
        if name == "id":
            owner = self.source.name
        own = prefixed(owner, column)
        if name == "id" or target != "account" or owner not in self.followers:
            return own
        alias, _ = self.matches.setdefault(name, (f"a{len(self.matches) + 1}", own))
        return exp.func("coalesce", exp.column("account_id", alias), own.copy())

    def _companion(self, companion: Companion) -> exp.Expression:
        base = self._column(companion.of)
        zone = self.settings.calendar.time_zone
        if companion.kind == "base":
            return self._money(companion.of, base)
        if companion.kind == "epoch":
            return dialects.call("crm_epoch", base)
        if self.entity.columns[companion.of].type == "date":
            return base
        return dialects.call(f"crm_local_{companion.kind}", base, zone)

    def _money(self, name: str, amount: exp.Expression) -> exp.Expression:
        reporting = self.settings.currency
        default = self.source.source.currency or reporting
        if "currency" not in self.types and default == reporting:
            return amount
        if "currency" not in self.types:
            raise CrmKpiError(
                f"sources.{self.source.name}.currency: {default} needs "
                f"`{self.entity.name}.currency` to be mapped"
            )
        dates = self.entity.money[name]
        alias = next((a for a, d in self.rates.items() if d == dates), None)
        if alias is None:
            alias = f"fx{len(self.rates) + 1}"
            self.rates[alias] = dates
        same = exp.EQ(this=self._column("currency"), expression=exp.Literal.string(reporting))
        rate = exp.case().when(same, exp.Literal.number("1.0")).else_(exp.column("rate", alias))
        return exp.Mul(this=amount, expression=rate)

    def first_date(self, dates: tuple[str, ...]) -> exp.Expression:
        """The first known of some date columns."""
        known = [self.of(name) for name in dates if self._date_known(name)]
        if not known:
            return exp.cast(exp.null(), "date")
        return known[0] if len(known) == 1 else exp.func("coalesce", *known)

    def _date_known(self, name: str) -> bool:
        companion = self.entity.companions.get(name)
        return name in self.types or (companion is not None and companion.of in self.types)


def with_raw(source: BoundSource, query: exp.Query) -> exp.Query:
    """The mapping reading the raw parts in place of logical tables."""
    logical = tables_read(query)
    for table in query.find_all(exp.Table):
        if table.name in logical and not table.db:
            alias = table.alias or table.name
            table.set("this", exp.to_identifier(raw_name(source.name, table.name)))
            table.set("alias", exp.TableAlias(this=identifier(alias)))
    return query


def raw_name(source: str, table: str) -> str:
    """The name of a raw part."""
    return f"raw_{source}_{table}".lower()

"""Holds a mutant against the oracles of tests/matrix, on DuckDB, in this process.

Every fact is a table of its own and the SQL of a file runs as it is written, as its dialect is
DuckDB's: a mutant costs one `create table` for the fact and for each fact above it, not a
compilation. Warehouses and tables are made when first needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from superset_crmkpi import dialects
from superset_crmkpi.base.sqlfile import SqlFile
from superset_crmkpi.catalogue import impact
from superset_crmkpi.catalogue.definitions import Catalog
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.kit.examples import given_rows, relation
from superset_crmkpi.query.prune import tables_read
from tests.canonical import Canonical, canonical
from tests.matrix.case import Case, Check
from tests.matrix.cases import CASES
from tests.matrix.row_cases import ROW_CASES
from tests.matrix.rows import Rows, difference
from tests.matrix.run import same
from tests.mutation.change import Mutant

#: more than tests/matrix runs on every engine: random frames are small, and cheap here
SEEDS = range(11, 14)


@dataclass
class Warehouse:
    """One case filled by one seed; `made` names the facts that stand as tables in it."""

    case: Case
    seed: int
    made: set[str] = field(default_factory=set)

    @cached_property
    def db(self) -> Canonical:
        frames = self.case.frames(self.seed)
        db = canonical("duckdb", frames, today=self.case.today, **self.case.options)
        db.engine.execute("create schema mutant")
        db.engine.execute("set search_path = 'mutant,crmkpi'")
        return db

    @cached_property
    def checks(self) -> list[Check]:
        return list(self.case.checks(self.case.frames(self.seed)))

    @cached_property
    def rows(self) -> list[Rows]:
        if self.case.rows is None:
            return []
        return list(self.case.rows(self.case.frames(self.seed)))


class Bench:
    """The warehouses of the cases; a mutant's facts stand in a schema before theirs."""

    def __init__(self) -> None:
        self.catalog = load_catalog()
        self.warehouses = [Warehouse(case, seed) for seed in SEEDS for case in [*CASES, *ROW_CASES]]
        self.reads = {
            name: tables_read(fact.query) & set(self.catalog.facts)
            for name, fact in self.catalog.facts.items()
        }
        self._texts: dict[tuple[str, str], str] = {}

    def above(self, fact: str) -> list[str]:
        """The fact and all that read it, each after what it reads.

        Without that of crm_impact: what it is held against is asked of the same KPIs.
        """
        found = [fact]
        for name in self._ordered:
            if name not in (fact, impact.NAME) and self.reads[name] & set(found):
                found.append(name)
        return found

    @cached_property
    def _ordered(self) -> list[str]:
        done: list[str] = []

        def visit(name: str) -> None:
            if name not in done:
                for other in sorted(self.reads[name]):
                    visit(other)
                done.append(name)

        for name in self.catalog.facts:
            visit(name)
        return done

    def fault_of_unchanged(self) -> str:
        """The first check that the SQL fails as it is; empty, unless bench or SQL is wrong."""
        for warehouse in self.warehouses:
            facts = {self.catalog.kpis[check.kpi].fact for check in warehouse.checks}
            facts |= {rows.fact for rows in warehouse.rows}
            fault = self._wrong(warehouse, self.catalog, facts, None)
            if fault:
                return fault
        return ""

    def notices(self, mutant: Mutant) -> str:
        """The first check whose value is no longer the oracle's; empty when there is none."""
        catalog = self._with(mutant)
        kpi = self.catalog.kpis.get(mutant.name)
        if kpi is not None:
            fault = self._example(catalog, mutant.name)
            if fault:
                return fault
        for warehouse in self.warehouses:
            asked = {catalog.kpis[check.kpi].fact for check in warehouse.checks}
            asked |= {rows.fact for rows in warehouse.rows}
            if kpi is not None:
                fault = self._wrong(warehouse, catalog, {kpi.fact} & asked, mutant.name)
                if fault:
                    return fault
                continue
            changed = self.above(mutant.name)
            if not asked & set(changed):
                continue
            fault = self._changed(warehouse, catalog, changed, asked)
            if fault:
                return fault
        return ""

    def _changed(
        self, warehouse: Warehouse, catalog: Catalog, changed: list[str], asked: set[str]
    ) -> str:
        """Makes the mutant and what reads it, one by one, and looks at each at once."""
        engine = warehouse.db.engine
        wanted = [name for name in changed if set(self.above(name)) & asked]
        try:
            for name in wanted:
                self._make(warehouse, self.reads[name] - set(changed))
                text = self._text(warehouse, catalog, name)
                try:
                    engine.execute(f"create table mutant.{name} as {text}")
                except Exception as error:
                    return f"{name}: {str(error).splitlines()[0][:80]}"
                if name in asked:
                    fault = self._wrong(warehouse, catalog, {name}, None)
                    if fault:
                        return fault
            return ""
        finally:
            for name in wanted:
                engine.execute(f"drop table if exists mutant.{name}")

    def _wrong(
        self, warehouse: Warehouse, catalog: Catalog, facts: Iterable[str], only: str | None
    ) -> str:
        """The first wrong KPI (or row) of the facts; `only` one KPI when given."""
        for fact in sorted(facts):
            self._make(warehouse, {fact})
            fault = next(self._faults(warehouse, catalog, fact, only), "")
            if fault:
                return fault
        return ""

    def _faults(
        self, warehouse: Warehouse, catalog: Catalog, fact: str, only: str | None
    ) -> Iterator[str]:
        db = warehouse.db
        if only is None:
            for rows in warehouse.rows:
                if rows.fact == fact:
                    found = db.sql(f"select * from {fact} where {rows.where}")
                    fault = difference(rows, found)
                    if fault:
                        yield f"{warehouse.case.name}: rows of {fact}: {fault}"
        by_where: dict[str, list[Check]] = {}
        for check in warehouse.checks:
            if catalog.kpis[check.kpi].fact == fact and only in (None, check.kpi):
                by_where.setdefault(check.where, []).append(check)
        for where, checks in by_where.items():
            names = sorted({check.kpi for check in checks})
            selects = [f"{db.compiler.expression(catalog.kpis[n])} as {n}" for n in names]
            try:
                row = db.sql(f"select {', '.join(selects)} from {fact} where {where}").iloc[0]
            except Exception as error:
                yield f"{fact}: {str(error).splitlines()[0][:80]}"
                return
            for check in checks:
                found = None if pd.isna(row[check.kpi]) else float(row[check.kpi])
                expected = check.value
                if check.asked is not None:
                    expected = check.asked(self.catalog, lambda k, w: self._ask(warehouse, k, w))
                if not same(found, expected):
                    yield f"{warehouse.case.name}: {check.kpi} is {found}, not {expected}"

    def _ask(self, warehouse: Warehouse, kpi: str, where: str) -> float | None:
        fact = self.catalog.kpis[kpi].fact
        self._make(warehouse, {fact})
        value = warehouse.db.compiler.expression(self.catalog.kpis[kpi])
        found = warehouse.db.sql(f"select {value} as value from {fact} where {where}")
        return None if pd.isna(found["value"].iloc[0]) else float(found["value"].iloc[0])

    def _example(self, catalog: Catalog, name: str) -> str:
        """The first worked example of the KPI that its expression no longer gives."""
        kpi, compiler = catalog.kpis[name], self.warehouses[0].db.compiler
        for example in kpi.meta.examples:
            rows = relation(given_rows(kpi, example), compiler.types_of(kpi.fact))
            try:
                frame = self.warehouses[0].db.sql(
                    f"select {compiler.expression(kpi)} as value from ({rows}) as {kpi.fact}"
                )
            except Exception as error:
                return f"example of {name}: {str(error).splitlines()[0][:80]}"
            value = frame["value"].iloc[0]
            if not same(None if pd.isna(value) else float(value), example.value):
                return f"example of {name}: {value}, not {example.value}"
        return ""

    def _make(self, warehouse: Warehouse, facts: Iterable[str]) -> None:
        """The facts as they are, as tables beside the entities."""
        for name in facts:
            if name in warehouse.made:
                continue
            warehouse.made.add(name)
            self._make(warehouse, self.reads[name])
            text = self._text(warehouse, self.catalog, name)
            warehouse.db.engine.execute(f"create table crmkpi.{name} as {text}")

    def _text(self, warehouse: Warehouse, catalog: Catalog, name: str) -> str:
        """SQL of a fact over tables of the facts it reads."""
        fact = catalog.facts[name]
        key = warehouse.case.name, fact.file.sql
        if key not in self._texts:
            tree = warehouse.db.compiler.with_settings(fact.query, fact.file, name)
            self._texts[key] = dialects.finish(tree, "duckdb").sql("duckdb")
        return self._texts[key]

    def _with(self, mutant: Mutant) -> Catalog:
        def changed(file: SqlFile) -> SqlFile:
            return SqlFile(file.path, file.meta, mutant.sql, file.line)

        if mutant.name in self.catalog.facts:
            fact = self.catalog.facts[mutant.name]
            facts = {**self.catalog.facts, mutant.name: replace(fact, file=changed(fact.file))}
            return Catalog(facts, self.catalog.kpis)
        kpi = self.catalog.kpis[mutant.name]
        kpis = {**self.catalog.kpis, mutant.name: replace(kpi, file=changed(kpi.file))}
        return Catalog(self.catalog.facts, kpis)

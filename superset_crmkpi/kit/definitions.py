"""What every folder of definitions promises, each as a function over a `DefinitionsBench`.

Connectors have a contract of their own (kit/contract); this one is for KPIs, facts, dashboards,
packs and columns, of a plugin or of the folder beside a profile.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cached_property
from math import isclose
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from superset_crmkpi.base.settings import CalendarSettings, CompileSettings
from superset_crmkpi.bundle.maker import BundleMaker
from superset_crmkpi.bundle.target import Target
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.catalogue.definitions import Example, Fact, Kpi
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.catalogue.scorecard import Governance, with_scorecard
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.relations import BuiltRelations
from superset_crmkpi.dashboards.personal import impersonal
from superset_crmkpi.dashboards.spec import Dashboard, load_specs
from superset_crmkpi.dialects import FIXES
from superset_crmkpi.installer.validate import check as check_bundle
from superset_crmkpi.kit.examples import given_rows, relation
from superset_crmkpi.plugins.definitions import Folders
from superset_crmkpi.project.definitions import definition_faults

TODAY = date(2026, 6, 30)
SCHEMA = "crmkpi"
_TYPES = {"text": "varchar"}


class DefinitionsBench:
    """The definitions of `owner` among those of `folders`, over empty tables in DuckDB."""

    def __init__(self, folders: Folders, owner: str) -> None:
        self.folders = folders
        self.owner = owner
        self.catalog = load_catalog(folders)
        self.model = load_model(folders)
        self.facts = [fact for fact in self.catalog.facts.values() if self.theirs(fact)]
        self.kpis = [kpi for kpi in self.catalog.kpis.values() if self.theirs(kpi)]

    def theirs(self, one: Fact | Kpi) -> bool:
        return one.whose == self.owner

    def compiler(self, dialect: str) -> Compiler:
        settings = CompileSettings(dialect=dialect, calendar=CalendarSettings(today=TODAY))
        return Compiler(self.model, self.catalog, BuiltRelations(SCHEMA), settings)

    @cached_property
    def duckdb(self) -> Compiler:
        return self.compiler("duckdb")

    @cached_property
    def engine(self) -> sa.engine.Engine:
        """The canonical tables without a row, and the calendars."""
        engine = sa.create_engine("duckdb:///:memory:", poolclass=StaticPool, future=True)
        with engine.begin() as connection:
            connection.exec_driver_sql(f"create schema {SCHEMA}")
            for name, entity in self.model.items():
                columns = ", ".join(f"{c} {_TYPES.get(t, t)}" for c, t in entity.schema.items())
                connection.exec_driver_sql(f'create table {SCHEMA}."{name}" ({columns})')
            for name in ("calendar", "business_calendar"):
                query = self.duckdb.entity(name)
                connection.exec_driver_sql(f"create table {SCHEMA}.{name} as {query}")
        return engine

    def ask(self, query: str) -> Any:
        """The first value of a query. SQLAlchemyError where it does not run."""
        with self.engine.connect() as connection:
            row = connection.exec_driver_sql(query).fetchone()
        return row[0] if row else None


Promise = Callable[[DefinitionsBench], None]


def files_keep_the_rules_of_ours(bench: DefinitionsBench) -> None:
    """Governance, portable SQL, names that exist: facts, KPIs, dashboards, packs."""
    own = [
        fault
        for fault in definition_faults(bench.catalog, bench.model, bench.folders)
        if fault.startswith(f"{bench.owner}: ")
    ]
    assert not own, "\n".join(own)


def every_ratio_has_a_worked_example(bench: DefinitionsBench) -> None:
    """A count or a sum needs none; a ratio is where two people mean different things."""
    without = [k.name for k in bench.kpis if k.meta.over_time == "ratio" and not k.meta.examples]
    assert not without, f"{without[0]}: add `examples`, with `rows` of {bench.owner}'s fact"


def every_worked_example_gives_its_value(bench: DefinitionsBench) -> None:
    """By the KPI's own expression, over the rows that the example or its calculator gives."""
    for kpi in bench.kpis:
        for number, example in enumerate(kpi.meta.examples, 1):
            found = bench.ask(_asked(bench, kpi, example))
            same = found is None if example.value is None else _close(found, example.value)
            assert same, f"{kpi.name}: example {number} gives {found}, not {example.value}"


def _asked(bench: DefinitionsBench, kpi: Kpi, example: Example) -> str:
    rows = relation(given_rows(kpi, example), bench.duckdb.types_of(kpi.fact))
    return f"select {bench.duckdb.expression(kpi)} from ({rows}) as {kpi.fact}"


def _close(found: Any, value: float) -> bool:
    return found is not None and isclose(float(found), value, rel_tol=1e-9, abs_tol=1e-12)


def every_fact_and_kpi_runs_where_there_is_no_row_yet(bench: DefinitionsBench) -> None:
    """On DuckDB, over the canonical tables without rows: as on the first day."""
    for name in dict.fromkeys([f.name for f in bench.facts] + [k.fact for k in bench.kpis]):
        kpis = [kpi for kpi in bench.kpis if kpi.fact == name]
        values = ", ".join([bench.duckdb.expression(kpi) for kpi in kpis] or ["count(*)"])
        try:
            bench.ask(f"select {values} from ({bench.duckdb.fact(name)}) as {name}")
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise AssertionError(f"{name}: {reason}") from error


def every_fact_and_kpi_can_be_written_for_every_engine(bench: DefinitionsBench) -> None:
    """DuckDB, PostgreSQL, Spark, MySQL and MariaDB, ClickHouse, SQLite."""
    for dialect in FIXES:
        compiler = bench.compiler(dialect)
        for fact in bench.facts:
            assert compiler.fact(fact.name), fact.name
        for kpi in bench.kpis:
            assert compiler.expression(kpi), kpi.name


def every_dashboard_becomes_one_of_superset(bench: DefinitionsBench) -> None:
    """Theirs, and of others the rows that show a KPI of theirs."""
    names = {kpi.name for kpi in bench.kpis}
    catalog = with_scorecard(bench.catalog, Governance({}, {}), list(bench.catalog.kpis))
    boards = [
        spec.board if spec.folder.owner == bench.owner else _of_kpis(spec.board, names)
        for spec in load_specs(catalog, bench.folders)
    ]
    boards = [impersonal(board, catalog) for board in boards if board.tabs]
    target = Target(name="CRM", database="CRM", uri=None, schema=SCHEMA)
    compiler = Compiler(bench.model, catalog, BuiltRelations(SCHEMA), CompileSettings())
    problems = check_bundle(BundleMaker(catalog, compiler, target).make(boards)) if boards else []
    assert not problems, "\n".join(problems)


def _of_kpis(board: Dashboard, names: set[str]) -> Dashboard:
    """The rows of a dashboard that show one of the KPIs, without filters."""
    tabs = []
    for tab in board.tabs:
        rows = [row for row in tab.rows if any(names & set(tile.kpi) for tile in row.tiles)]
        tabs += [tab.model_copy(update={"rows": rows})] if rows else []
    return board.model_copy(update={"tabs": tabs, "filters": []})


#: the promise in words -> its function
PROMISES: dict[str, Promise] = {
    promise.__name__.replace("_", " "): promise
    for promise in (
        files_keep_the_rules_of_ours,
        every_ratio_has_a_worked_example,
        every_worked_example_gives_its_value,
        every_fact_and_kpi_runs_where_there_is_no_row_yet,
        every_fact_and_kpi_can_be_written_for_every_engine,
        every_dashboard_becomes_one_of_superset,
    )
}

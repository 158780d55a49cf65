"""A CRM that keeps the company: its raw tables in a DuckDB, and the KPIs that come of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import duckdb
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool
from sqlglot import exp

from superset_crmkpi.base.settings import CompileSettings
from superset_crmkpi.catalogue.definitions import Kpi
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.live import LiveRelations
from superset_crmkpi.compile.relations import BuiltRelations
from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.project import Project
from tests.same_company import hubspot, odoo, pipedrive, salesforce
from tests.same_company.company import TODAY, Company, company

Writer = Callable[[Company, str], Mapping[str, pd.DataFrame]]
#: value per key of a dimension
Answer = dict[str, float]
#: connector -> its landing and who writes it
WRITERS: dict[str, tuple[str, Writer]] = {
    "salesforce": ("fivetran", salesforce.tables),
    "hubspot": ("airbyte", hubspot.tables),
    "pipedrive": ("dlt", pipedrive.tables),
    "odoo": ("database", odoo.tables),
}
SCHEMA = "crmkpi"
#: dimensions to cut by, where a fact has them
DIMENSIONS = ("owner", "stage")
#: what else is asked of a fact, beside the columns of its KPIs
MORE = {"accounts": {"health_score"}, "record_quality": {"object", "field"}}


@dataclass
class Vendor:
    """One CRM."""

    name: str

    @cached_property
    def project(self) -> Project:
        """Over its tables; bound once, for all time zones."""
        profile = {
            "database": {"name": "test"},
            "sources": {
                "crm": {
                    "connector": self.name,
                    "landing": WRITERS[self.name][0],
                    "schema": "raw",
                    "currency": "EUR",
                }
            },
            "calendar": {"today": TODAY.isoformat()},
            "currency": {"reporting": "EUR"},
        }
        engine = sa.create_engine("duckdb:///:memory:", poolclass=StaticPool, future=True)
        self._load(engine.raw_connection().driver_connection, "UTC")
        return Project(Profile.model_validate(profile), engine)

    @cached_property
    def lacking(self) -> dict[str, str]:
        """KPI -> why it cannot be computed here."""
        kpis = self.project.coverage.kpis
        return {name: kpi.reason for name, kpi in kpis.items() if not kpi.available}

    def _load(self, connection: Any, zone: str) -> None:
        connection.execute("create schema raw")
        for table, frame in WRITERS[self.name][1](company(), zone).items():
            connection.register("frame", frame)
            connection.execute(f'create table raw."{table}" as select * from frame')
            connection.unregister("frame")

    def database(self, zone: str) -> duckdb.DuckDBPyConnection:
        """A DuckDB with its raw tables as of an organisation in that time zone."""
        connection = duckdb.connect()
        self._load(connection, zone)
        connection.execute(f"create schema {SCHEMA}")
        return connection

    def live(self, zone: str) -> Compiler:
        """Compiles the mappings for reports in that time zone."""
        project, settings = self.project, settings_in(self.project, zone)
        relations = LiveRelations(project.model, project.sources, settings)
        return Compiler(project.model, load_catalog(), relations, settings)

    def entity(self, live: Compiler, name: str) -> str:
        """What makes the table of an entity or calendar, as `crmkpi build` does."""
        covered = self.project.coverage.entities.get(name)
        if covered is not None and covered.availability == "absent":
            types = self.project.model[name].schema.items()
            columns = ", ".join(f'"{column}" {kind}' for column, kind in types)
            return f'create table {SCHEMA}."{name}" ({columns})'
        return f'create table {SCHEMA}."{name}" as {live.entity(name)}'


def settings_in(project: Project, zone: str) -> CompileSettings:
    """A project's settings with another time zone to report in."""
    settings = project.settings
    return replace(settings, calendar=replace(settings.calendar, time_zone=zone))


@cache
def vendor(name: str) -> Vendor:
    return Vendor(name)


@dataclass
class Answers:
    """What all vendors say, reported in a time zone."""

    zone: str

    @cached_property
    def connections(self) -> dict[str, duckdb.DuckDBPyConnection]:
        return {name: vendor(name).database(self.zone) for name in WRITERS}

    @cached_property
    def lives(self) -> dict[str, Compiler]:
        return {name: vendor(name).live(self.zone) for name in WRITERS}

    @cached_property
    def compiler(self) -> Compiler:
        """Over the tables of entities: its SQL has nothing of a vendor in it."""
        project = vendor("odoo").project
        settings = settings_in(project, self.zone)
        return Compiler(project.model, load_catalog(), BuiltRelations(SCHEMA), settings)

    @cached_property
    def needed(self) -> dict[str, set[str]]:
        return {}

    @cached_property
    def made(self) -> set[str]:
        """Entities and facts that are tables of each vendor."""
        return set()

    def fact(self, name: str) -> str:
        """A fact, made a table of each vendor, with the entities that it reads."""
        if name in self.made:
            return name
        wanted = [*self.compiler.calendars, *sorted(self.compiler.demand(name, self.columns(name)))]
        for entity in wanted:
            if entity not in self.made:
                for crm, connection in self.connections.items():
                    connection.execute(vendor(crm).entity(self.lives[crm], entity))
        sql = self.compiler.fact(name, sorted(self.columns(name)))
        for connection in self.connections.values():
            connection.execute(f"create table {name} as {sql}")
        self.made.update((name, *wanted))
        return name

    def columns(self, fact: str) -> set[str]:
        """The columns of a fact that its KPIs need, with their times and our dimensions."""
        if fact in self.needed:
            return self.needed[fact]
        kpis = load_catalog().kpis_of(fact)
        read = {node.name for kpi in kpis for node in kpi.expression.find_all(exp.Column)}
        times = {kpi.meta.time for kpi in kpis}
        there = set(self.compiler.columns_of(fact))
        self.needed[fact] = read | times | MORE.get(fact, set()) | (there & set(DIMENSIONS))
        return self.needed[fact]

    def ask(
        self, kpi: Kpi, by: str, value: str | None = None, where: str = "true"
    ) -> dict[str, Answer]:
        """Vendor -> value per key: `total`, `month` (of the KPI's time), or a column of its fact.

        `value` is another aggregate in the KPI's place. What has no value is left out, as are
        sums of zero: whether there is a row is no matter.
        """
        fact = self.fact(kpi.fact)
        shown = value or self.compiler.expression(kpi)
        month = f"strftime({kpi.meta.time}, '%Y-%m')"
        key = {"total": "'total'", "month": month}.get(by, by)
        sql = f"select {key} as key, {shown} as value from {fact} where {where} group by 1"
        adds_up = by != "total" and (value is not None or kpi.meta.over_time == "sum")
        found = {}
        for name, connection in self.connections.items():
            rows = [row for row in connection.execute(sql).fetchall() if row[1] is not None]
            found[name] = {str(row[0]): float(row[1]) for row in rows if row[1] or not adds_up}
        return found


@cache
def answers(zone: str) -> Answers:
    return Answers(zone)

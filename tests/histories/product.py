"""The product on raw tables of a vendor, in both modes; compiled once, asked of many worlds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import duckdb
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool
from sqlglot import exp

from superset_crmkpi.base.sqlfile import parse_sql
from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.project import Project
from tests.histories.events import TODAY, ZONE
from tests.histories.kpis import QUESTIONS, Answers, Question
from tests.histories.plans import QUOTAS, RATES, REPORTING
from tests.histories.switches import DOUBLED_ROWS, is_on

Row = dict[str, Any]
#: raw table -> its rows
Rows = Mapping[str, Sequence[Row]]
#: raw table -> column -> type in the warehouse
Types = Mapping[str, Mapping[str, str]]

SCHEMA = "crmkpi"
#: key of a raw row that says how often it was loaded anew
COPIES = "(copies)"
_QUOTAS = """
    select id, owner_id, period_start, period_end, 'bookings' as measure, target_amount, currency
    from quotas
"""


@dataclass(frozen=True)
class Vendor:
    """How raw tables of a connector look in a warehouse, and who writes them."""

    connector: str
    landing: str
    types: Types
    #: prefix of the ids of users, which targets hold too
    user: str
    has_rates: bool = False


class Product:
    """One vendor's mapping, the facts and the KPIs, over whatever raw rows it is given."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        url = "duckdb:///:memory:"
        self.engine = sa.create_engine(url, poolclass=StaticPool, future=True)
        self.connection: duckdb.DuckDBPyConnection = (
            self.engine.raw_connection().driver_connection  # type: ignore[assignment]
        )
        self._make_tables()

    def _make_tables(self) -> None:
        for schema in ("raw", "plans", SCHEMA):
            self.connection.execute(f"create schema {schema}")
        for table, columns in self.vendor.types.items():
            typed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            self.connection.execute(f'create table raw."{table}" ({typed})')
        self.connection.execute(
            "create table plans.quotas (id varchar, owner_id varchar, period_start date,"
            " period_end date, target_amount double, currency varchar)"
        )
        for number, quota in enumerate(QUOTAS):
            self.connection.execute(
                "insert into plans.quotas values (?, ?, ?, ?, ?, ?)",
                [f"q{number}", f"{self.vendor.user}{quota.owner}", quota.start, quota.end,
                 float(quota.amount), REPORTING],
            )  # fmt: skip

    @cached_property
    def project(self) -> Project:
        rates = [] if self.vendor.has_rates else [
            {"currency": currency, "valid_from": start, "rate": float(rate)}
            for currency, start, rate in RATES
        ]  # fmt: skip
        profile = {
            "database": {"name": "test"},
            "schema": SCHEMA,
            "sources": {
                "crm": {
                    "connector": self.vendor.connector,
                    "landing": self.vendor.landing,
                    "schema": "raw",
                },
                "plans": {
                    "connector": "sql",
                    "schema": "plans",
                    "entities": {"quota": _QUOTAS},
                    "links": {"user": "crm"},
                },
            },
            "calendar": {"today": TODAY.isoformat(), "time_zone": ZONE},
            "currency": {"reporting": REPORTING, "rates": rates},
        }
        return Project(Profile.model_validate(profile), self.engine)

    @cached_property
    def expressions(self) -> dict[str, str]:
        """Question -> its aggregate."""
        compiler, catalog = self.project.built, self.project.shipped
        return {
            q.name: compiler.expression(catalog.kpis[q.name])
            if q.measure is None
            else compiler.measure(q.fact, catalog.facts[q.fact].meta.measures[q.measure].sql)
            for q in QUESTIONS
        }

    @cached_property
    def columns(self) -> dict[str, set[str]]:
        """Fact -> columns that the questions need of it."""
        found: dict[str, set[str]] = {}
        for question in QUESTIONS:
            sql = self.expressions[question.name]
            read = {node.name for node in parse_sql(sql, question.name).find_all(exp.Column)}
            found.setdefault(question.fact, set()).update(read, question.columns.values())
        return found

    @cached_property
    def entities(self) -> dict[str, str]:
        """Table -> SQL that builds it."""
        project, wanted = self.project, set[str]()
        for fact, columns in self.columns.items():
            wanted |= set(project.built.demand(fact, columns))
        return {
            name: project.live.entity(name) for name in [*project.live.calendars, *sorted(wanted)]
        }

    @cached_property
    def facts(self) -> dict[str, dict[str, str]]:
        """Mode -> fact -> SQL."""
        modes = {"live": self.project.live, "built": self.project.built}
        return {
            mode: {name: compiler.fact(name, sorted(cols)) for name, cols in self.columns.items()}
            for mode, compiler in modes.items()
        }

    def load(self, rows: Rows, is_built: bool = True) -> None:
        """The raw tables hold these rows, and the built ones what becomes of them."""
        doubled = is_on(self.vendor.connector, DOUBLED_ROWS)
        for table, columns in self.vendor.types.items():
            self.connection.execute(f'delete from raw."{table}"')
            given = [
                row
                for row in rows[table]
                for _ in range(1 + (row.get(COPIES, 0) if doubled else 0))
            ]
            frame = pd.DataFrame(given, columns=list(columns), dtype=object)
            if len(frame):
                self.connection.register("incoming", frame)
                self.connection.execute(f'insert into raw."{table}" select * from incoming')
                self.connection.unregister("incoming")
        for name, sql in self.entities.items() if is_built else ():
            self.connection.execute(f'create or replace table {SCHEMA}."{name}" as {sql}')

    def answers(self, mode: str, questions: Sequence[Question] = QUESTIONS) -> Answers:
        """Question and cut -> key -> value."""
        for fact in {question.fact for question in questions}:
            sql = self.facts[mode][fact]
            self.connection.execute(f"create or replace temp table fact_{fact} as {sql}")
        found: Answers = {}
        for question in questions:
            for cut, column in question.cuts.items():
                key = {
                    "total": "'total'",
                    "month": f"strftime({column}, '%Y-%m')",
                }.get(cut, column)
                value = self.expressions[question.name]
                rows = self.connection.execute(
                    f"select {key}, {value} from fact_{question.fact} group by 1"
                ).fetchall()
                found[question.name, cut] = question.shown(
                    {key: None if value is None else Decimal(value) for key, value in rows}
                )
        return found

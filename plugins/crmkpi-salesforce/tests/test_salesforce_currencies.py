"""A company with its own dated rates is told of the currencies that have none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.project import Project
from superset_crmkpi.project.unconverted import unconverted_amounts

TABLES = [
    "create schema sf",
    "create table sf.opportunity (id varchar, name varchar, stage_name varchar, amount varchar,"
    " currency_iso_code varchar, is_won varchar, is_closed varchar, close_date varchar,"
    " created_date varchar)",
    "insert into sf.opportunity values"
    " ('1', 'A', 'Won', '100', 'EUR', 'true', 'true', '2026-02-10', '2026-01-10 09:00:00'),"
    " ('2', 'B', 'Won', '300', 'GBP', 'true', 'true', '2026-02-10', '2026-01-10 09:00:00'),"
    " ('3', 'C', 'New', '50', 'GBP', 'false', 'false', '2026-09-10', '2026-01-10 09:00:00'),"
    " ('4', 'D', 'Won', '110', 'USD', 'true', 'true', '2026-02-10', '2026-01-10 09:00:00'),"
    " ('5', 'E', 'Won', '220', 'USD', 'true', 'true', '2025-12-10', '2025-11-10 09:00:00')",
    "create table sf.currency_type (id varchar, iso_code varchar, is_corporate varchar,"
    " conversion_rate varchar)",
    "insert into sf.currency_type values ('c1', 'EUR', 'true', '1'), ('c2', 'USD', 'false', '1.1')",
    "create table sf.dated_conversion_rate (id varchar, iso_code varchar, start_date varchar,"
    " next_start_date varchar, conversion_rate varchar)",
    "insert into sf.dated_conversion_rate values ('r1', 'USD', '2026-01-01', '9999-12-31', '1.1')",
]


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = sa.create_engine("duckdb:///:memory:", future=True)
    with made.begin() as connection:
        for statement in TABLES:
            connection.exec_driver_sql(statement)
    yield made
    made.dispose()


def test_pounds_without_a_rate_and_dollars_of_before_the_first_are_named(engine: Engine) -> None:
    profile = Profile.model_validate(
        {
            "database": {"name": "w"},
            "sources": {
                "sales": {"connector": "salesforce", "landing": "fivetran", "schema": "sf"}
            },
            "currency": {"reporting": "EUR"},
        }
    )
    project = Project(profile, engine)
    found = [one for one in unconverted_amounts(project) if one.column == "amount"]
    assert [(one.currency, one.rows, one.amount) for one in found] == [
        ("GBP", 2, 350.0),
        ("USD", 1, 220.0),
    ]
    sql = project.live.fact("opportunities", ["opportunity_id", "amount", "problem"])
    with engine.connect() as connection:
        rows = {row[0]: row[1:] for row in connection.exec_driver_sql(sql)}
    assert rows["sales:4"] == (pytest.approx(100.0), None)
    assert rows["sales:1"][0] == 100.0
    assert rows["sales:2"] == (None, "currency without a rate")

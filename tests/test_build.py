"""What `crmkpi build` promises: the same answers as live, and hands off what is not its own."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from crmkpi_demo.company import generate, write
from crmkpi_demo.run import demo_profile
from sqlalchemy.engine import Engine

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.compile.relations import FACT
from superset_crmkpi.profile.schema import BusinessHours, Profile
from superset_crmkpi.project.build import NEXT, build, check_built, stale
from superset_crmkpi.project.project import Project
from superset_crmkpi.project.trial import not_running
from superset_crmkpi.warehouse.built import LEDGER
from tests.seeds import within

TODAY = date(2026, 3, 18)
POSTGRES = "postgresql+psycopg2://postgres@127.0.0.1:5432"
ENGINES = ["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)]


def postgres(name: str) -> Iterator[Engine]:
    """An engine for a database of its own, dropped afterwards."""
    admin = sa.create_engine(f"{POSTGRES}/postgres", isolation_level="AUTOCOMMIT", future=True)
    name = f"crmkpi_build_{name}_{os.getpid()}"
    with admin.connect() as connection:
        connection.exec_driver_sql(f"create database {name}")
    engine = sa.create_engine(f"{POSTGRES}/{name}?options=-c%20jit%3Doff", future=True)
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.exec_driver_sql(f"drop database {name} with (force)")
    admin.dispose()


def duckdb(folder: Path) -> Iterator[Engine]:
    engine = sa.create_engine(f"duckdb:///{folder / 'warehouse.duckdb'}", future=True)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def company() -> dict[str, pd.DataFrame]:
    return generate(scale=0.05, seed=7, today=TODAY)


@pytest.fixture(scope="module", params=ENGINES)
def demo(
    request: pytest.FixtureRequest,
    company: dict[str, pd.DataFrame],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Project]:
    """The demo company's project, built."""
    folder = tmp_path_factory.mktemp("demo")
    for engine in duckdb(folder) if request.param == "duckdb" else postgres("demo"):
        write(company, engine)
        profile = demo_profile(TODAY)
        late = BusinessHours(days={"monday": "12:00-20:00"}, teams=["Sales DACH"])
        changed = {
            "settings": {**profile.settings, "crm_change_date": date(2025, 9, 1)},
            "business_hours": {**profile.business_hours, "late": late},
        }
        project = Project(profile.model_copy(update=changed), engine)
        build(project)
        yield project


def plain(value: Any) -> Any:
    """A cell as something that compares: numbers to nine digits, days as days."""
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float, Decimal)):
        number = float(value)
        return None if math.isnan(number) else float(f"{number:.9g}") + 0.0
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def rows(engine: Engine, sql: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        result = connection.exec_driver_sql(
            sql.replace("%", "%%") if "psycopg" in engine.dialect.driver else sql
        )
        found = [tuple(plain(value) for value in row) for row in result]
    return sorted(found, key=repr)


#: the demo's systems hold each other's ids: tests/test_matching.py compares this one
NOT_IN_THE_DEMO = {"account_matches"}


FACTS = sorted(set(load_catalog().facts) - NOT_IN_THE_DEMO)
#: on PostgreSQL half of them each day; a landing of tests/landings has all of them each day
TODAYS = set(within(2, FACTS))


@pytest.mark.turn(lambda given: given["demo"] == "duckdb" or given["fact"] in TODAYS)
@pytest.mark.parametrize("fact", FACTS)
def test_a_fact_gives_the_same_rows_live_and_built(demo: Project, fact: str) -> None:
    live = rows(demo.engine, demo.live.fact(fact))
    built = rows(demo.engine, demo.built.fact(fact))
    assert live, f"{fact} is empty: nothing was compared"
    assert len(live) == len(built)
    different = [pair for pair in zip(live, built, strict=True) if not same(*pair)]
    assert not different, (demo.live.columns_of(fact), different[0])


def same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Equal but for rounding: sums of floats depend on the order in which rows come."""
    return all(
        math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9)
        if isinstance(a, float) and isinstance(b, float)
        else a == b
        for a, b in zip(one, other, strict=True)
    )


def test_the_dashboards_only_read_the_facts_that_were_built(demo: Project) -> None:
    made = demo.bundle()
    assert not_running(demo, made) == []
    datasets = [data for _, data in made.of("datasets") if "SELECT DISTINCT" not in data["sql"]]
    read = {data["uuid"]: data["sql"].rpartition(f".{FACT}")[2] for data in datasets}
    assert set(read.values()) == set(demo.facts_shown)
    assert len(demo.facts_shown) > 20
    for dataset in datasets:
        fact = read[dataset["uuid"]]
        assert dataset["table_name"].endswith(f"_{fact}")
        assert dataset["sql"].endswith(f"FROM {demo.profile.schema_}.{FACT}{fact}"), fact
        columns = [column["column_name"] for column in dataset["columns"]]
        assert columns == demo.built.columns_of(fact), fact


@pytest.mark.parametrize("fact", ["account_periods", "opportunity_stages", "kpi_scorecard"])
def test_a_built_fact_gives_what_its_sql_gives(demo: Project, fact: str) -> None:
    schema = demo.profile.schema_
    read = rows(demo.engine, demo.built.made_fact(fact, schema))
    asked = rows(demo.engine, demo.built.fact(fact))
    assert read, f"{fact} is empty: nothing was compared"
    assert len(read) == len(asked)
    assert all(same(*pair) for pair in zip(read, asked, strict=True))


# -- hands off -------------------------------------------------------------------------------------

MINI = Profile.model_validate(
    {
        "database": {"name": "mini"},
        "schema": "ours",
        "sources": {
            "crm": {
                "connector": "sql",
                "schema": "crm",
                "entities": {
                    "account": "select account_id as id, name, created_at from accounts",
                    "opportunity": (
                        "select deal_id as id, account_id, title as name, state as status,"
                        " value as amount, 'EUR' as currency, created_at, closed_at as closed_date"
                        " from deals"
                    ),
                },
            }
        },
        "calendar": {"today": "2026-03-18"},
    }
)
RAW = (
    "create schema crm",
    "create table crm.accounts (account_id varchar(9), name varchar(99), created_at timestamp)",
    "create table crm.deals (deal_id varchar(9), account_id varchar(9), title varchar(99),"
    " state varchar(9), value double precision, created_at timestamp, closed_at date)",
    "insert into crm.accounts values ('a1', 'Ash', timestamp '2026-01-05 10:00:00')",
    "insert into crm.deals values"
    " ('d1', 'a1', 'First', 'won', 100, timestamp '2026-01-06 10:00:00', date '2026-02-01'),"
    " ('d2', 'a1', 'Second', 'open', 50, timestamp '2026-02-06 10:00:00', null)",
    "create schema theirs",
    "create table theirs.opportunity (note varchar(99))",
    "insert into theirs.opportunity values ('do not touch')",
)


@pytest.fixture(params=ENGINES)
def mini(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Project]:
    """A warehouse of two raw tables, with a schema of somebody else beside them."""
    for engine in duckdb(tmp_path) if request.param == "duckdb" else postgres("mini"):
        run(engine, *RAW)
        yield Project(MINI, engine)


def run(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def tables(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every table of the database with its rows, but for the time of the build."""
    names = rows(
        engine,
        "select table_schema, table_name from information_schema.tables"
        " where table_schema in ('crm', 'theirs', 'ours')",
    )
    columns = {LEDGER: "table_name, row_count"}
    return {
        f"{schema}.{table}": rows(
            engine, f'select {columns.get(table, "*")} from {schema}."{table}"'
        )
        for schema, table in names
    }


def amounts(engine: Engine) -> list[tuple[Any, ...]]:
    return rows(engine, "select id, amount from ours.opportunity")


def test_a_build_makes_every_table_in_its_schema_and_touches_nothing_else(mini: Project) -> None:
    before = tables(mini.engine)
    done = build(mini)
    after = tables(mini.engine)
    assert {name for name in after if name.startswith("ours.")} == {
        f"ours.{name}" for name in [*(b.name for b in done), LEDGER]
    }
    assert {name: after[name] for name in before} == before
    assert amounts(mini.engine) == [("crm:d1", 100.0), ("crm:d2", 50.0)]
    assert dict(after[f"ours.{LEDGER}"])["opportunity"] == 2


def test_a_dry_run_writes_nothing(mini: Project) -> None:
    before = tables(mini.engine)
    assert "opportunity" in {made.name for made in build(mini, dry_run=True)}
    assert tables(mini.engine) == before
    assert not rows(
        mini.engine, "select 1 from information_schema.schemata where schema_name = 'ours'"
    )


def test_a_second_build_replaces_the_first(mini: Project) -> None:
    build(mini)
    run(mini.engine, "update crm.deals set value = 70 where deal_id = 'd2'")
    build(Project(MINI, mini.engine))
    assert amounts(mini.engine) == [("crm:d1", 100.0), ("crm:d2", 70.0)]
    assert not [name for name in tables(mini.engine) if name.endswith(NEXT)]


BUILT = MINI.model_copy(update={"mode": "built"})


def test_a_fact_follows_its_definition_only_when_it_is_built_again(mini: Project) -> None:
    built = Project(BUILT, mini.engine)
    assert stale(built) == "`ours` was not built yet; run `crmkpi build`"
    build(built)
    assert stale(built) == ""
    changed = BUILT.model_copy(update={"settings": {"stalled_days": 77}})
    other = Project(changed, mini.engine)
    fault = stale(other)
    assert fault.startswith("`ours.fact_")
    assert "other definitions" in fault
    assert fault.endswith("run `crmkpi build`")
    assert not_running(other, other.bundle()) == [fault]
    with pytest.raises(CrmKpiError, match="other definitions"):
        check_built(other)
    build(other)
    assert stale(other) == ""


def test_what_an_older_version_built_is_built_anew(mini: Project) -> None:
    """Its ledger knew neither kinds nor definitions, and no fact."""
    run(
        mini.engine,
        "create schema ours",
        "create table ours.opportunity (id varchar(9))",
        f"create table ours.{LEDGER}"
        " (table_name varchar(200), row_count bigint, built_at timestamp)",
        f"insert into ours.{LEDGER} values ('opportunity', 0, timestamp '2026-01-01 00:00:00')",
    )
    built = Project(BUILT, mini.engine)
    assert stale(built).startswith("`ours.fact_")
    assert "is not there" in stale(built)
    build(built)
    assert stale(built) == ""
    assert amounts(mini.engine) == [("crm:d1", 100.0), ("crm:d2", 50.0)]


def test_a_view_of_somebody_else_is_refused_and_untouched(mini: Project) -> None:
    run(mini.engine, "create schema ours", "create view ours.fact_opportunities as select 1 as one")
    with pytest.raises(CrmKpiError, match=r"`ours.fact_opportunities` is in the way"):
        build(mini)
    assert rows(mini.engine, "select one from ours.fact_opportunities") == [(1.0,)]


def test_a_table_of_somebody_else_is_refused_and_untouched(mini: Project) -> None:
    run(
        mini.engine,
        "create schema ours",
        "create table ours.opportunity (note varchar(99))",
        "insert into ours.opportunity values ('mine')",
    )
    before = tables(mini.engine)
    with pytest.raises(CrmKpiError, match=r"`ours.opportunity` is in the way.*`schema:`") as caught:
        build(mini)
    assert "\n" not in caught.value.message
    assert tables(mini.engine) == before


def test_a_foreign_table_that_appears_after_a_build_is_refused_too(mini: Project) -> None:
    build(mini)
    run(mini.engine, f"delete from ours.{LEDGER} where table_name = 'quota'")
    before = tables(mini.engine)
    with pytest.raises(CrmKpiError, match=r"`ours\.quota` is in the way"):
        build(mini)
    assert tables(mini.engine) == before


def test_a_failing_build_leaves_the_tables_of_the_last_one(mini: Project) -> None:
    build(mini)
    before = tables(mini.engine)
    broken = MINI.model_copy(deep=True)
    entities = broken.sources["crm"].options["entities"]
    # Compiles, and fails on the first row.
    entities["opportunity"] = entities["opportunity"].replace(
        "value as amount", "cast(title as double precision) as amount"
    )
    with pytest.raises(CrmKpiError, match="build failed at opportunity, nothing was changed") as e:
        build(Project(broken, mini.engine))
    assert "\n" not in e.value.message
    assert tables(mini.engine) == before


def test_what_a_broken_off_run_left_aside_does_not_stand_in_the_way(mini: Project) -> None:
    build(mini)
    run(mini.engine, f"create table ours.account{NEXT} (id varchar(9))")
    build(mini)
    assert not [name for name in tables(mini.engine) if name.endswith(NEXT)]

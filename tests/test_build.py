"""What `crmkpi build` promises: all in its schema, and hands off what is not its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.build import NEXT, build, check_built, stale
from superset_crmkpi.project.project import Project
from superset_crmkpi.project.trial import not_running
from superset_crmkpi.warehouse.built import LEDGER, drop
from superset_crmkpi.warehouse.connect import existing_schemas
from tests.seeds import by_turns, turn
from tests.warehouses import ENGINES, duckdb, postgres, rows, run

#: each engine has its turn, another one each day
pytestmark = turn("mini", ["duckdb", "postgres"])

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


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where what was compiled is kept: what these tests promise is not in the SQL."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(params=ENGINES)
def mini(
    request: pytest.FixtureRequest, tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Project]:
    """A warehouse of two raw tables, with a schema of somebody else beside them."""
    monkeypatch.setenv("CRMKPI_CACHE_DIR", str(kept))
    for engine in duckdb(tmp_path) if request.param == "duckdb" else postgres("mini"):
        run(engine, *RAW)
        yield Project(MINI, engine)


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


@by_turns(3)
def test_a_second_build_replaces_the_first(mini: Project) -> None:
    build(mini)
    run(mini.engine, "update crm.deals set value = 70 where deal_id = 'd2'")
    build(Project(MINI, mini.engine))
    assert amounts(mini.engine) == [("crm:d1", 100.0), ("crm:d2", 70.0)]
    assert not [name for name in tables(mini.engine) if name.endswith(NEXT)]


BUILT = MINI.model_copy(update={"mode": "built"})


@by_turns(3)
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


@by_turns(3)
def test_a_foreign_table_that_appears_after_a_build_is_refused_too(mini: Project) -> None:
    build(mini)
    run(mini.engine, f"delete from ours.{LEDGER} where table_name = 'quota'")
    before = tables(mini.engine)
    with pytest.raises(CrmKpiError, match=r"`ours\.quota` is in the way"):
        build(mini)
    assert tables(mini.engine) == before


@by_turns(3)
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


# -- taken out again -------------------------------------------------------------------------------


def test_all_that_was_built_can_be_dropped_with_its_schema(mini: Project) -> None:
    before = tables(mini.engine)
    made = {one.name for one in build(mini)}
    assert {entry.name for entry in drop(mini.engine, "ours")} == made
    assert tables(mini.engine) == before
    assert "ours" not in existing_schemas(mini.engine)
    assert drop(mini.engine, "ours") == []


def test_a_table_of_somebody_else_in_the_schema_stays(mini: Project) -> None:
    build(mini)
    run(mini.engine, "create table ours.notes (note varchar(99))")
    drop(mini.engine, "ours")
    assert {name for name in tables(mini.engine) if name.startswith("ours.")} == {"ours.notes"}


@pytest.mark.parametrize("mini", ENGINES[1:], indirect=True)
def test_where_a_view_of_somebody_reads_it_all_of_it_stays(mini: Project) -> None:
    """DuckDB drops what a view reads."""
    build(mini)
    run(mini.engine, "create view theirs.ours as select id from ours.opportunity")
    before = tables(mini.engine)
    with pytest.raises(CrmKpiError, match=r"^table .*opportunity.* stay: .*view theirs.ours") as it:
        drop(mini.engine, "ours")
    assert "\n" not in it.value.message
    assert tables(mini.engine) == before

"""A record that lies in several rows of a raw table counts once, as its newest row has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy.engine import Engine

from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.build import build
from superset_crmkpi.project.doubled_rows import set_aside
from superset_crmkpi.project.project import Project
from superset_crmkpi.warehouse.connect import fetched
from tests.seeds import by_turns, turn
from tests.warehouses import ENGINES, duckdb, postgres

#: each engine has its turn, another one each day
pytestmark = turn("engine", ["duckdb", "postgres"])

DAY = pd.Timestamp("2026-03-01")
#: id, won, closed, amount, changed on day, deleted: D1 is there twice, D2 as it was and as it is,
#: D4 was deleted
DEALS = [
    ("D1", True, True, 1000.0, 1, False),
    ("D1", True, True, 1000.0, 1, False),
    ("D2", False, False, 700.0, 1, False),
    ("D2", True, True, 900.0, 5, False),
    ("D3", False, True, 500.0, 2, False),
    ("D4", True, True, 9000.0, 1, False),
    ("D4", True, True, 9000.0, 3, True),
]
OWN = """
select id, created as created_at, updated as updated_at, deleted as is_deleted, name, amount,
  case when won then 'won' when closed then 'lost' else 'open' end as status,
  case when closed then created end as closed_at, 'USD' as currency
from deals
"""


def rows(names: tuple[str, ...]) -> pd.DataFrame:
    made = [
        (key, "Deal", won, closed, amount, DAY, DAY + pd.Timedelta(days=day), deleted)
        for key, won, closed, amount, day, deleted in DEALS
    ]
    return pd.DataFrame(made, columns=list(names))


SALESFORCE = {
    "opportunity": rows(
        (
            *("id", "name", "is_won", "is_closed", "amount", "created_date"),
            *("last_modified_date", "is_deleted"),
        )
    ).assign(close_date=DAY, owner_id="U1", account_id="A1", stage_name="S"),
    "user": pd.DataFrame({"id": ["U1"] * 3, "name": "Ada", "is_active": True}),
    "account": pd.DataFrame({"id": ["A1"] * 2, "name": "Acme", "created_date": DAY}),
    "opportunity_stage": pd.DataFrame({"id": ["S1"] * 2, "master_label": "S", "api_name": "S"}),
}
_STATUS = {(True, True): "won", (False, True): "lost", (False, False): "open"}
_PIPEDRIVE = rows(("id", "title", "won", "closed", "value", "add_time", "update_time", "deleted"))
PIPEDRIVE = {
    "deals": _PIPEDRIVE.assign(
        status=[_STATUS[pair] for pair in zip(_PIPEDRIVE.won, _PIPEDRIVE.closed, strict=True)],
        stage_id=1,
        pipeline_id=1,
        user_id=7,
        won_time=DAY,
        lost_time=DAY,
    ).drop(columns=["won", "closed"]),
    "stages": pd.DataFrame({"id": [1, 1], "pipeline_id": 1, "name": "S", "order_nr": 1}),
    "pipelines": pd.DataFrame({"id": [1, 1], "name": "P"}),
    "users": pd.DataFrame({"id": [7, 7, 7], "name": "Ada", "active_flag": True}),
}
SQL = {
    "deals": rows(("id", "name", "won", "closed", "amount", "created", "updated", "deleted")),
}
SOURCES: dict[str, tuple[dict[str, pd.DataFrame], dict[str, Any]]] = {
    "salesforce": (SALESFORCE, {"connector": "salesforce", "landing": "fivetran"}),
    "pipedrive": (PIPEDRIVE, {"connector": "pipedrive", "landing": "airbyte"}),
    "sql": (SQL, {"connector": "sql", "entities": {"opportunity": OWN}}),
}


def project(engine: Engine, name: str, tables: dict[str, pd.DataFrame] | None = None) -> Project:
    given, source = SOURCES[name]
    with engine.begin() as connection:
        connection.exec_driver_sql("create schema raw")
        for table, frame in (tables or given).items():
            frame.to_sql(table, connection, schema="raw", index=False)
    profile = {
        "database": {"name": "W", "uri": "duckdb:///:memory:"},
        "sources": {"crm": {**source, "schema": "raw"}},
        "currency": {"reporting": "USD"},
        "calendar": {"time_zone": "UTC", "today": "2026-06-15"},
    }
    return Project(Profile.model_validate(profile), engine)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    yield from duckdb(tmp_path) if request.param == "duckdb" else postgres("twice")


def asked(project: Project, sql: str) -> dict[str, Any]:
    text = (
        "select count(*) as deals, sum(won_amount) as won,"
        f" 1.0 * sum(is_won) / sum(is_closed) as rate from ({sql}) as f"
    )
    (row,) = fetched(project.engine, text)
    return {name: round(float(value), 4) for name, value in row.items()}


@by_turns(2)
@pytest.mark.parametrize("name", list(SOURCES))
def test_doubled_rows_multiply_nothing_live_or_built(engine: Engine, name: str) -> None:
    made = project(engine, name)
    # D1 1000 and D2 900 are won, D3 is lost, D4 is gone
    wanted = {"deals": 3, "won": 1900, "rate": 0.6667}
    assert asked(made, made.live.fact("opportunities")) == wanted
    build(made)
    assert asked(made, made.built.fact("opportunities")) == wanted


@pytest.mark.parametrize("name", list(SOURCES))
def test_rows_set_aside_are_counted(engine: Engine, name: str) -> None:
    found = {one.entities: (one.records, one.rows) for one in set_aside(project(engine, name))}
    assert next(n for names, n in found.items() if "opportunity" in names) == (3, 3)


def test_rows_of_one_time_are_told_apart_by_their_values(engine: Engine) -> None:
    deals = SALESFORCE["opportunity"]
    tied = pd.concat([deals.head(1), deals.head(1).assign(amount=1200.0), deals.head(1)])
    made = project(engine, "salesforce", {**SALESFORCE, "opportunity": tied})
    assert asked(made, made.live.fact("opportunities"))["won"] == 1200


@pytest.mark.postgres
def test_postgresql_expects_many_rows_where_each_record_is_there_once() -> None:
    """Where its planner expects few, it compares each row of a join with each: minutes a tile."""
    ids = [f"D{number}" for number in range(1000)]
    deals = pd.concat([SALESFORCE["opportunity"].head(1)] * len(ids)).assign(id=ids)
    for engine in postgres("planned"):
        made = project(engine, "salesforce", {**SALESFORCE, "opportunity": deals})
        text = made.sources[0].raw.query("opportunity", ["id", "name"]).sql(dialect="postgres")
        with engine.begin() as connection:
            connection.exec_driver_sql("analyze")
            plan = connection.exec_driver_sql(f"explain (format json) {text}").scalar_one()
        assert plan[0]["Plan"]["Plan Rows"] > len(ids) / 10


@pytest.mark.postgres
def test_postgresql_knows_what_it_built() -> None:
    for engine in postgres("known"):
        build(project(engine, "salesforce"))
        known = fetched(
            engine,
            "select c.relname as name, c.reltuples as rows from pg_class as c"
            " join pg_namespace as n on n.oid = c.relnamespace"
            " where n.nspname = 'crmkpi' and c.relkind = 'r' and c.relname <> 'crmkpi_builds'",
        )
        assert {row["name"]: row["rows"] for row in known}["opportunity"] == 3
        assert all(row["rows"] >= 0 for row in known)


def test_rows_without_an_id_are_never_one(engine: Engine) -> None:
    deals = SALESFORCE["opportunity"].head(2).assign(id=[None, None])
    made = project(engine, "salesforce", {**SALESFORCE, "opportunity": deals})
    query = made.sources[0].raw.query("opportunity", ["id", "name"])
    text = query.sql(dialect="duckdb" if engine.name == "duckdb" else "postgres")
    assert len(fetched(engine, text)) == 2


def test_a_key_that_the_warehouse_keeps_needs_no_look(tmp_path: Path) -> None:
    for engine in duckdb(tmp_path):
        with engine.begin() as connection:
            connection.exec_driver_sql("create schema raw")
            connection.exec_driver_sql(
                "create table raw.opportunity (id varchar primary key, name varchar)"
            )
        source = {"connector": "salesforce", "landing": "fivetran", "schema": "raw"}
        profile = {
            "database": {"name": "W", "uri": "duckdb:///:memory:"},
            "sources": {"crm": source},
        }
        raw = Project(Profile.model_validate(profile), engine).sources[0].raw
        assert raw.doubled("opportunity") is None
        assert "row_number" not in raw.query("opportunity", ["id"]).sql().lower()

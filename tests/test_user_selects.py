"""SELECTs of the user's own: ordinary SQL works as the warehouse takes it, live and built."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.build import build
from superset_crmkpi.project.project import Project
from tests.seeds import by_turns

POSTGRES = "postgresql+psycopg2://postgres@127.0.0.1:5432"
RAW = (
    "create schema home",
    'create table home."My Deals" ("Deal ID" integer, "Titel-Name" varchar(9),'
    ' "Amount" double precision, "user" varchar(9), "order" integer)',
    "insert into home.\"My Deals\" values (1, 'a', 10.5, 'u', 1), (2, 'b', null, 'v', 2)",
    "create table home.deals (id integer, name varchar(9), amount double precision,"
    " status varchar(9), owner_id double precision)",
    "insert into home.deals values (1, 'a', 1.5, 'Won', 7), (2, 'b', 2.5, 'open', null)",
    "create table home.pairs (id integer, k varchar(19), v double precision)",
    "insert into home.pairs values (1, 'amount', 5), (2, 'amount', 7), (2, 'probability', 0.5)",
    'create view home.seen as select "Deal ID" as id, "Titel-Name" as name from home."My Deals"',
)
MACRO = {
    "duckdb": "create macro home.doubled(x) as x * 2",
    "postgresql": "create function home.doubled(x double precision) returns double precision"
    " language sql as 'select x * 2'",
}
AB = [("x:1", "a"), ("x:2", "b")]
#: SELECT -> id and another column
ON_ALL: list[tuple[str, str, list[tuple[Any, ...]]]] = [
    ('select "Deal ID" as id, "Titel-Name" as name from "My Deals"', "name", AB),
    ('select d."Deal ID" as id, d."user" as name from "My Deals" as d', "name",
     [("x:1", "u"), ("x:2", "v")]),
    ('select "Deal ID" as id, * from "My Deals"', "amount", [("x:1", 10.5), ("x:2", None)]),
    ("select * from deals", "name", AB),
    ("select t.* from deals as t", "amount", [("x:1", 1.5), ("x:2", 2.5)]),
    ("select *, 0.5 as probability from deals", "probability", [("x:1", 0.5), ("x:2", 0.5)]),
    ("SELECT D.ID AS ID, D.NAME AS NAME FROM DEALS AS D", "name", AB),
    ('select id as "ID", name as "Name" from deals', "name", AB),
    ("select deals.id, deals.name from deals -- a comment\n;", "name", AB),
    ("with deals as (select * from deals where id = 1) select id, name from deals", "name", AB[:1]),
    ("with recursive r as (select 1 as id union all select id + 1 from r where id < 2)"
     " select id, case id when 1 then 'a' else 'b' end as name from r", "name", AB),
    ("select id, name from seen", "name", AB),
    ("select id, home.doubled(amount) as amount from deals", "amount",
     [("x:1", 3.0), ("x:2", 5.0)]),
    ("select n as id from generate_series(1, 2) as t(n)", "name", [("x:1", None), ("x:2", None)]),
    # an alias called like a column: the column is meant beside it
    ("select id, lower(status) as status, case when status = 'Won' then 'a' else 'b' end as name"
     " from deals", "name", AB),
    ("select id, lower(status) as status from deals where status = 'Won'", "status",
     [("x:1", "won")]),
    ("select id, name, amount from deals union all select 3, name, 9 from deals where id = 1",
     "amount", [("x:1", 1.5), ("x:2", 2.5), ("x:3", 9.0)]),
    ("select id, name from deals order by id desc limit 1", "name", AB[1:]),
    # ids that became floats beside nulls
    ("select id, owner_id from deals", "owner_id", [("x:1", "x:7"), ("x:2", None)]),
    ("select id, null as closed_at, name from deals", "closed_at", [("x:1", None), ("x:2", None)]),
]  # fmt: skip
ON_DUCKDB: list[tuple[str, str, list[tuple[Any, ...]]]] = [
    ("from deals", "name", AB),
    ("select * exclude (amount) from deals", "amount", [("x:1", None), ("x:2", None)]),
    ("select id, amount from deals where id = 2 union all by name"
     ' select "Amount" as amount, "Deal ID" as id from "My Deals" where "Deal ID" = 1',
     "amount", [("x:1", 10.5), ("x:2", 2.5)]),
    ("pivot pairs on k using sum(v) group by id", "amount", [("x:1", 5.0), ("x:2", 7.0)]),
    ("select * from pairs pivot (sum(v) for k in ('amount', 'probability') group by id)",
     "probability", [("x:1", None), ("x:2", 0.5)]),
    ("select generate_series as id from generate_series(1, 2)", "name",
     [("x:1", None), ("x:2", None)]),
]  # fmt: skip
ON_POSTGRES: list[tuple[str, str, list[tuple[Any, ...]]]] = [
    ("select distinct on (d.id) d.id, d.name from deals as d order by d.id", "name", AB),
    # a function that is called like a column
    ("select id, user as name from deals where id = 1", "name", [("x:1", "postgres")]),
]


@pytest.fixture(scope="module")
def duckdb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    path = tmp_path_factory.mktemp("home") / "w.duckdb"
    yield from filled(sa.create_engine(f"duckdb:///{path}", future=True))


@pytest.fixture(scope="module")
def postgres() -> Iterator[Engine]:
    admin = sa.create_engine(f"{POSTGRES}/postgres", isolation_level="AUTOCOMMIT", future=True)
    name = f"crmkpi_selects_{os.getpid()}"
    with admin.connect() as connection:
        connection.exec_driver_sql(f"create database {name}")
    yield from filled(sa.create_engine(f"{POSTGRES}/{name}?options=-c%20jit%3Doff", future=True))
    with admin.connect() as connection:
        connection.exec_driver_sql(f"drop database {name} with (force)")
    admin.dispose()


def filled(engine: Engine) -> Iterator[Engine]:
    with engine.begin() as connection:
        for statement in (*RAW, MACRO[engine.name]):
            connection.exec_driver_sql(statement)
    yield engine
    engine.dispose()


def project(engine: Engine, select: str, zone: str = "UTC") -> Project:
    given = {
        "database": {"name": "w"},
        "schema": "ours",
        "sources": {
            "x": {
                "connector": "sql",
                "schema": "home",
                "time_zone": zone,
                "entities": {"opportunity": select},
            }
        },
        "calendar": {"time_zone": "Europe/Berlin", "today": "2026-03-18"},
    }
    return Project(Profile.model_validate(given), engine)


def rows(made: Project, sql: str, *columns: str) -> list[tuple[Any, ...]]:
    text = sql.replace("%", "%%") if made.engine.name == "postgresql" else sql
    with made.engine.connect() as connection:
        found = connection.exec_driver_sql(text).mappings().all()
    return sorted(tuple(row[c] for c in ("id", *columns)) for row in found)


def check(engine: Engine, select: str, column: str, expected: list[tuple[Any, ...]]) -> None:
    made = project(engine, select)
    assert rows(made, made.live.entity("opportunity"), column) == expected
    # and with all its columns asked for one by one, as a tile does
    status = made.live.fact("opportunities", ["opportunity_id"])
    with engine.connect() as connection:
        text = status.replace("%", "%%") if engine.name == "postgresql" else status
        assert len(connection.exec_driver_sql(text).all()) == len(expected)


@by_turns(2)
@pytest.mark.parametrize(("select", "column", "expected"), [*ON_ALL, *ON_DUCKDB])
def test_ordinary_sql_works_on_duckdb(
    duckdb: Engine, select: str, column: str, expected: list[tuple[Any, ...]]
) -> None:
    check(duckdb, select, column, expected)


@by_turns(2)
@pytest.mark.postgres
@pytest.mark.parametrize(("select", "column", "expected"), [*ON_ALL, *ON_POSTGRES])
def test_ordinary_sql_works_on_postgresql(
    postgres: Engine, select: str, column: str, expected: list[tuple[Any, ...]]
) -> None:
    check(postgres, select, column, expected)


def test_a_select_that_is_no_tree_of_ours_is_built_too(duckdb: Engine) -> None:
    made = project(duckdb, "pivot pairs on k using sum(v) group by id")
    build(made)
    assert rows(made, "select id, amount from ours.opportunity", "amount") == [
        ("x:1", 5.0),
        ("x:2", 7.0),
    ]


MOMENTS = [
    # wall clock of Tokyo, nine hours before UTC
    ("cast('2026-02-01 08:30:00' as timestamp)", datetime(2026, 1, 31, 23, 30), date(2026, 2, 1)),
    ("'2026-02-01 08:30:00'", datetime(2026, 1, 31, 23, 30), date(2026, 2, 1)),
    # a time with a zone is that time
    ("timestamptz '2026-01-31 23:30:00+01'", datetime(2026, 1, 31, 22, 30), date(2026, 1, 31)),
    ("'2026-01-31T22:30:00Z'", datetime(2026, 1, 31, 22, 30), date(2026, 1, 31)),
    ("cast(timestamptz '2026-01-31 22:30:00+00' as timestamptz)",
     datetime(2026, 1, 31, 22, 30), date(2026, 1, 31)),
    # a day is a day of the reporting zone, whatever the source's is
    ("date '2026-02-01'", datetime(2026, 1, 31, 23, 0), date(2026, 2, 1)),
    ("'2026-02-01'", datetime(2026, 1, 31, 23, 0), date(2026, 2, 1)),
]  # fmt: skip


@pytest.mark.parametrize("engine", ["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)])
@pytest.mark.parametrize(("value", "moment", "day"), MOMENTS)
def test_a_time_is_shifted_once_if_it_has_no_zone_and_never_if_it_has(
    request: pytest.FixtureRequest, engine: str, value: str, moment: datetime, day: date
) -> None:
    select = (
        f"select id, {value} as closed_at, {value} as expected_close_date from deals where id=1"
    )
    made = project(request.getfixturevalue(engine), select, zone="Asia/Tokyo")
    sql = made.live.entity("opportunity")
    assert rows(made, sql, "closed_at", "closed_date", "expected_close_date") == [
        ("x:1", moment, day, day)
    ]

"""Texts go by their bytes on every engine, whatever language a database sorts by."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
import sqlglot

from superset_crmkpi import dialects
from tests.needs import need
from tests.raw_worlds import duckdb, kpi_by, world

#: a deal moved twice within a second: ids say in which order, capitals before small letters
SALESFORCE = {
    "opportunity": """
        id,name,stage_name,is_closed,is_won,created_date,close_date,last_modified_date,is_deleted
        006A,A,Proposal,false,false,2026-01-05 10:00:00,2026-08-01,2026-02-05 10:00:00,false
        006B,B,Proposal,false,false,2026-01-05 10:00:00,2026-08-01,2026-02-05 10:00:00,false
    """,
    "opportunity_stage": """
        id,master_label,api_name,sort_order,is_active,is_closed,is_won,default_probability
        01J1,New,New,1,true,false,false,10
        01J2,Demo,Demo,2,true,false,false,20
        01J3,Proposal,Proposal,3,true,false,false,50
        01J4,Won,Won,4,true,true,true,100
    """,
    "opportunity_history": """
        id,opportunity_id,stage_name,probability,created_date,is_deleted
        0081,006A,New,10,2026-01-05 10:00:00,false
        008Z,006A,Demo,20,2026-02-05 10:00:00,false
        008a,006A,Proposal,50,2026-02-05 10:00:00,false
        0082,006B,New,10,2026-01-05 10:00:00,false
        008z,006B,Proposal,50,2026-02-05 10:00:00,false
        008Y,006B,Demo,20,2026-02-05 10:00:00,false
    """,
}


@pytest.fixture
def linguistic() -> Iterator[sa.engine.Engine]:
    """A PostgreSQL database that sorts as English dictionaries do."""
    address = "postgresql://postgres@127.0.0.1"
    admin = sa.create_engine(f"{address}/postgres", isolation_level="AUTOCOMMIT", future=True)
    name = f"crmkpi_english_{os.getpid()}"
    try:
        connection = admin.connect()
    except sa.exc.OperationalError as error:
        need("PostgreSQL", False, str(error).splitlines()[0])
        return
    with connection:
        connection.exec_driver_sql(f"drop database if exists {name}")
        connection.exec_driver_sql(
            f"create database {name} locale_provider icu icu_locale 'en-US' template template0"
        )
        engine = sa.create_engine(f"{address}/{name}", future=True)
        yield engine
        engine.dispose()
        connection.exec_driver_sql(f"drop database {name} with (force)")
    admin.dispose()


def test_a_linguistic_database_gives_the_numbers_of_bytes(linguistic: sa.engine.Engine) -> None:
    with linguistic.connect() as connection:
        assert connection.exec_driver_sql("select 'a' < 'Z'").scalar(), "it sorts by language"
    wanted = {"New": 31.0, "Demo": 0.0, "Proposal": 130.0}
    for engine in (duckdb(), linguistic):
        project = world(engine, "salesforce", "fivetran", SALESFORCE)
        found = kpi_by(project, "stage_duration", "stage")
        assert found == wanted, engine.name
    with linguistic.connect() as connection:
        history = project.compiler.entity("opportunity_history")
        ends = connection.exec_driver_sql(
            f"select source_id from ({history.replace('%', '%%')}) as h where valid_to is null"
        ).scalars()
        assert sorted(ends) == ["006A/008a/stage", "006B/008z/stage"]


@pytest.mark.parametrize(
    ("sql", "wanted"),
    [
        (
            "select row_number() over (order by t.a, t.n) as x from t",
            'ORDER BY t.a COLLATE "C", t.n',
        ),
        ("select max(t.a) as x, max(t.n) as y from t", 'MAX(t.a COLLATE "C") AS x, MAX(t.n) AS y'),
        ("select min(t.a || 'x') as x from t", "MIN((t.a || 'x') COLLATE \"C\")"),
        ("select case when t.a < t.b then 1 end as x from t", 't.a COLLATE "C" < t.b'),
    ],
)
def test_what_is_ordered_is_collated_where_it_is_a_text(sql: str, wanted: str) -> None:
    query = sqlglot.parse_one(sql, dialect="duckdb")
    types = {"t": {"a": "text", "b": "text", "n": "bigint"}}
    text = dialects.finish(query, "postgres", schema=types).sql(dialect="postgres")  # type: ignore[arg-type]
    assert wanted in text


def test_a_text_out_of_json_is_one() -> None:
    query = sqlglot.parse_one(
        "with j as (select crm_json(t.a, 'x') as v from t) select max(j.v) as v from j",
        dialect="duckdb",
    )
    text = dialects.finish(query, "postgres", schema={"t": {"a": "text"}}).sql(dialect="postgres")
    assert 'MAX(j.v COLLATE "C")' in text

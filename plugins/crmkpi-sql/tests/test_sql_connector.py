"""A source made of the user's own SELECTs."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.connectors.registry import connector
from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.project import Project


def mappings(entities: object) -> dict[str, object]:
    return dict(connector("sql").mappings({"entities": entities}))


def test_a_select_is_text_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "account.sql"
    file.write_text("select 1 as id, 'Acme' as name")
    found = connector("sql").mappings(
        {"entities": {"account": {"file": str(file)}, "ticket": "select 1 as id"}}
    )
    assert found["account"].file.sql == "select 1 as id, 'Acme' as name"
    assert found["ticket"].dialect is None


@pytest.mark.parametrize(
    ("entities", "message"),
    [
        (None, "needs `entities`"),
        ({}, "needs `entities`"),
        ({"deal": "select 1 as id"}, "entities.deal: no such canonical entity"),
        ({"ticket": "  "}, "entities.ticket: write"),
        ({"ticket": {"path": "x"}}, "entities.ticket: write"),
        ({"ticket": {"file": "nowhere.sql"}}, "nowhere.sql cannot be read"),
    ],
)
def test_what_cannot_be_a_select_is_refused_in_one_line(entities: object, message: str) -> None:
    with pytest.raises(CrmKpiError, match=message):
        mappings(entities)


def test_unqualified_tables_are_those_of_the_schema_and_ids_get_the_sources_name() -> None:
    engine = sa.create_engine("duckdb:///:memory:", poolclass=StaticPool, future=True)
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("create schema desk")
        connection.exec_driver_sql(
            "create table desk.tickets as select 7 as no, 'A1' as company, false as gone"
            " union all select 8, 'A2', true"
        )
    profile = Profile.model_validate(
        {
            "database": {"name": "test"},
            "sources": {
                "desk": {
                    "connector": "sql",
                    "schema": "desk",
                    "entities": {
                        "ticket": "select no as id, company as account_id, gone as is_deleted,"
                        " 'open' as status from tickets"
                    },
                }
            },
        }
    )
    with engine.connect() as connection:
        sql = Project(profile, engine).live.entity("ticket")
        rows = connection.exec_driver_sql(sql).mappings().all()
    assert [(row["id"], row["account_id"]) for row in rows] == [("desk:7", "desk:A1")]

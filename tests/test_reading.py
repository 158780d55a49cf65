"""A reader who may not see the rows is told so, on PostgreSQL as it is and as its own user."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.project import Project
from superset_crmkpi.project.reading import Reading, reading
from tests.warehouses import postgres, run

pytestmark = pytest.mark.postgres
READER = f"crmkpi_reader_{os.getpid()}"
ENTITIES = {
    "account": "select id, name from accounts",
    "opportunity": "select id, account_id, name from deals",
    "stage": "select id, name from stages",
}


@pytest.fixture
def owner() -> Iterator[Engine]:
    """A warehouse with a row in each table, as its owner; a reader may select from all but one."""
    for engine in postgres("reading"):
        run(
            engine,
            "create schema crm",
            "create table crm.accounts as select 'a1' as id, 'Ash' as name",
            "create table crm.deals as select 'd1' as id, 'a1' as account_id, 'First' as name",
            "create table crm.stages as select 's1' as id, 'Talking' as name",
            "create table crm.notes as select 'n1' as id",
            f"create role {READER} login",
            f"grant usage on schema crm to {READER}",
            f"grant select on crm.accounts, crm.deals, crm.stages to {READER}",
        )
        yield engine
        run(engine, f"drop owned by {READER}", f"drop role {READER}")


def seen(owner: Engine) -> Reading:
    entities: dict[str, Any] = {**ENTITIES}
    source = {"connector": "sql", "schema": "crm", "entities": entities}
    profile = Profile.model_validate({"database": {"name": "w"}, "sources": {"crm": source}})
    engine = sa.create_engine(owner.url.set(username=READER), future=True)
    try:
        return reading(Project(profile, engine))
    finally:
        engine.dispose()


def secure(owner: Engine, *tables: str, where: str = "") -> None:
    for table in tables:
        run(owner, f"alter table crm.{table} enable row level security")
        if where:
            run(owner, f"create policy part on crm.{table} using ({where})")


def test_a_reader_who_sees_all_rows_hears_of_the_table_it_may_not_read_only(owner: Engine) -> None:
    found = seen(owner)
    assert (found.empty, found.alarms) == ({}, [])
    (note,) = found.notes
    assert "crm.notes is there, but this reader may not select from it" in note


def test_no_visible_row_in_the_leading_tables_is_an_alarm_though_others_are_readable(
    owner: Engine,
) -> None:
    secure(owner, "accounts", "deals")
    first, *others = seen(owner).alarms
    assert "source `crm` reads no row of any (crm.accounts, crm.deals)" in first
    assert [
        f"hides every row of crm.{name}" in line
        for name, line in zip(("accounts", "deals"), others, strict=True)
    ] == [True, True]


def test_one_table_whose_rows_are_all_hidden_is_an_alarm(owner: Engine) -> None:
    secure(owner, "deals")
    (alarm,) = seen(owner).alarms
    assert "row-level security hides every row of crm.deals from this reader" in alarm


def test_a_policy_that_shows_some_rows_is_a_note(owner: Engine) -> None:
    secure(owner, "deals", where="account_id = 'a1'")
    found = seen(owner)
    assert (found.empty, found.alarms) == ({}, [])
    assert any("decides which rows of crm.deals" in note for note in found.notes)

"""Compiled SQL reads what it needs, and what the warehouse lacks becomes null, never wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
import sqlglot
from sqlalchemy.engine import Engine
from sqlalchemy.pool import StaticPool
from sqlglot import exp

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.settings import CompileSettings
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.compile.relations import BuiltRelations
from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.project import Project
from tests.seeds import by_turns

DEALS = """
select deal_no as id, title as name,
  case when won then 'won' when lost then 'lost' else 'open' end
  as status, stage_no as stage_id, customer as account_id, amount, currency,
  opened_at as created_at,
  closed_at, due as expected_close_date, removed as is_deleted
from deals
"""


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = sa.create_engine("duckdb:///:memory:", poolclass=StaticPool, future=True)
    with made.begin() as connection:
        for statement in (
            "create schema crm",
            "create schema desk",
            "create table crm.deals (deal_no int, title text, won boolean, lost boolean,"
            " stage_no text, customer int, amount double, currency text, opened_at timestamp,"
            " closed_at timestamp, due date, removed boolean)",
            "insert into crm.deals values"
            " (1, 'a', true, false, 's', 7, 100, 'USD', '2026-01-01 12:00', '2026-01-31 23:30',"
            "  '2026-02-01', false),"
            " (2, 'b', false, false, 's', 8, 200, 'EUR', '2026-01-05', null, '2026-03-01', false),"
            " (3, 'c', false, true, 's', 7, 50, 'USD', '2026-01-06', '2026-03-15', null, null),"
            " (4, 'd', false, false, 's', 8, 10, 'USD', '2026-01-06', null, null, true),"
            " (5, 'e', false, true, 's', 8, 10, 'CHF', '2026-01-06', '2026-01-07', null, false)",
            "create table crm.customers (no int, name text)",
            "insert into crm.customers values (7, 'Seven'), (8, 'Eight')",
            "create table desk.cases (no int, client int, opened timestamp)",
            "insert into desk.cases values (1, 7, '2026-01-31 23:30')",
        ):
            connection.exec_driver_sql(statement)
    yield made
    made.dispose()


def project(engine: Engine, **changes: Any) -> Project:
    sources: dict[str, Any] = {
        "crm": {
            "connector": "sql",
            "schema": "crm",
            "entities": {
                "opportunity": DEALS,
                "account": "select no as id, name from customers",
            },
        },
        "desk": {
            "connector": "sql",
            "schema": "desk",
            "links": {"account": "crm"},
            "entities": {
                "ticket": "select no as id, client as account_id, opened as created_at,"
                " 'open' as status from cases"
            },
        },
    }
    content = {
        "database": {"name": "w"},
        "sources": sources,
        "calendar": {"time_zone": "Europe/Berlin", "today": date(2026, 6, 30)},
        "currency": {
            "reporting": "EUR",
            "rates": [
                {"currency": "USD", "valid_from": date(2026, 1, 1), "rate": 0.8},
                {"currency": "USD", "valid_from": date(2026, 2, 1), "rate": 0.9},
                {"currency": "USD", "valid_from": date(2026, 3, 1), "rate": 1.0},
            ],
        },
    }
    return Project(Profile.model_validate({**content, **changes}), engine)


def rows(made: Project, entity: str) -> dict[str, Mapping[str, Any]]:
    with made.engine.connect() as connection:
        found = connection.exec_driver_sql(made.live.entity(entity)).mappings().all()
    return {row["id"]: row for row in found}


def built() -> Compiler:
    return Compiler(load_model(), load_catalog(), BuiltRelations(), CompileSettings())


def tables(sql: str) -> set[str]:
    parsed = sqlglot.parse_one(sql, dialect="duckdb")
    return {table.name for table in parsed.find_all(exp.Table) if table.db}


# -- pruning --------------------------------------------------------------------------------------


def test_a_fact_asked_for_one_column_reads_only_the_tables_of_that_column() -> None:
    compiler = built()
    whole = tables(compiler.fact("opportunities"))
    assert {"opportunity", "account", "user", "campaign"} <= whole
    one = compiler.fact("opportunities", ["status"])
    assert compiler.demand("opportunities", ["status"]).keys() >= {"opportunity"}
    read = sqlglot.parse_one(one, dialect="duckdb")
    columns = {(c.table, c.name) for c in read.find_all(exp.Column)}
    assert ("o", "status") in columns
    assert not [name for _, name in columns if name in ("loss_reason", "competitor", "industry")]
    assert len(one) < 0.6 * len(compiler.fact("opportunities"))


def test_the_order_of_columns_is_that_of_the_fact() -> None:
    compiler = built()
    sql = compiler.fact("opportunities", ["status", "owner"])
    parsed = sqlglot.parse_one(sql, dialect="duckdb")
    assert isinstance(parsed, exp.Query)
    assert parsed.named_selects == ["owner", "status"]


def test_a_column_that_a_fact_lacks_is_named() -> None:
    with pytest.raises(CrmKpiError, match="opportunities: no column `mood`"):
        built().fact("opportunities", ["mood"])


@by_turns(3)
@pytest.mark.parametrize("fact", sorted(load_catalog().facts))
def test_every_statement_has_a_header_unique_cte_names_and_no_call_of_ours_left(fact: str) -> None:
    sql = built().fact(fact)
    assert sql.startswith(f"/* superset-crmkpi: fact {fact}. Generated: edit the profile")
    parsed = sqlglot.parse_one(sql, dialect="duckdb")
    names = [cte.alias for cte in parsed.find_all(exp.CTE)]
    assert len(names) == len(set(names))
    assert not re.findall(r"\bcrm_\w+\(", sql, re.I)
    assert "$" not in sql


# -- live -----------------------------------------------------------------------------------------


def test_ids_carry_the_name_of_their_source_and_deleted_rows_are_gone(engine: Engine) -> None:
    found = rows(project(engine), "opportunity")
    assert set(found) == {"crm:1", "crm:2", "crm:3", "crm:5"}
    assert found["crm:1"]["source_id"] == "1"
    assert found["crm:1"]["source_system"] == "sql"
    assert found["crm:1"]["account_id"] == "crm:7"
    assert found["crm:1"]["stage_id"] == "crm:s"


def test_links_lead_to_the_ids_of_another_source(engine: Engine) -> None:
    assert rows(project(engine), "ticket")["desk:1"]["account_id"] == "crm:7"


def test_dates_are_those_of_the_reporting_time_zone(engine: Engine) -> None:
    made = project(engine)
    assert rows(made, "opportunity")["crm:1"]["closed_date"] == date(2026, 2, 1)
    assert rows(made, "ticket")["desk:1"]["created_date"] == date(2026, 2, 1)
    assert rows(made, "ticket")["desk:1"]["created_minute"] == 30
    utc = project(engine, calendar={"time_zone": "UTC", "today": date(2026, 6, 30)})
    assert rows(utc, "ticket")["desk:1"]["created_date"] == date(2026, 1, 31)


def test_money_is_converted_by_the_rate_of_its_day_and_never_without_one(engine: Engine) -> None:
    found = rows(project(engine), "opportunity")
    # closed on 1 February in Berlin: the rate of February; open: in euros already
    assert found["crm:1"]["amount_base"] == pytest.approx(90.0)
    assert found["crm:2"]["amount_base"] == pytest.approx(200.0)
    assert found["crm:3"]["amount_base"] == pytest.approx(50.0)
    assert found["crm:5"]["amount_base"] is None  # no rate for francs


def test_a_column_no_source_maps_is_a_typed_null(engine: Engine) -> None:
    row = rows(project(engine), "opportunity")["crm:1"]
    assert row["competitor"] is None
    assert row["probability"] is None


@pytest.mark.parametrize("entity", ["subscription", "lead", "user"])
def test_an_entity_no_source_maps_is_an_empty_relation(engine: Engine, entity: str) -> None:
    assert rows(project(engine), entity) == {}


def test_two_sources_of_one_entity_are_put_together(engine: Engine) -> None:
    made = project(engine)
    source = made.profile.sources["desk"].model_copy(deep=True)
    entities = {**source.options["entities"], "account": "select distinct client as id from cases"}
    sources = {
        "crm": made.profile.sources["crm"],
        "desk": {**source.model_dump(by_alias=True), "entities": entities},
    }
    found = rows(project(engine, sources=sources), "account")
    assert set(found) == {"crm:7", "crm:8", "desk:7"}
    assert found["desk:7"]["name"] is None


def test_a_select_over_a_table_that_is_gone_gives_no_rows_and_doctor_says_why(
    engine: Engine,
) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("drop table crm.customers")
    made = project(engine)
    assert rows(made, "account") == {}
    assert set(rows(made, "opportunity")) == {"crm:1", "crm:2", "crm:3", "crm:5"}
    assert made.coverage.entities["account"].availability == "absent"
    assert "`customers` is not in crm" in made.coverage.entities["account"].reason


def test_every_fact_runs_live_whatever_the_sources_lack(engine: Engine) -> None:
    made = project(engine)
    failed = {}
    with engine.connect() as connection:
        for fact in ("opportunities", "tickets", "accounts", "leads", "account_periods"):
            try:
                connection.exec_driver_sql(f"select count(*) from ({made.live.fact(fact)}) as f")
            except sa.exc.SQLAlchemyError as error:
                failed[fact] = str(error).splitlines()[0]
    assert not failed


def test_a_live_kpi_is_right_by_hand(engine: Engine) -> None:
    made = project(engine)
    kpi = made.catalog.kpis["win_rate"]
    query = f"select {made.live.expression(kpi)} as v from ({made.live.fact(kpi.fact)}) as f"
    with engine.connect() as connection:
        value = pd.read_sql_query(sa.text(query.replace(":", r"\:")), connection)["v"].iloc[0]
    assert value == pytest.approx(1 / 3)


def test_a_select_that_does_not_parse_is_named_by_source_and_entity(engine: Engine) -> None:
    sources = {
        "crm": {"connector": "sql", "schema": "crm", "entities": {"account": "select from where"}}
    }
    with pytest.raises(CrmKpiError) as caught:
        project(engine, sources=sources).live.entity("account")
    assert "crm.account" in caught.value.message
    assert "\n" not in caught.value.message


def test_a_statement_that_is_no_select_is_refused(engine: Engine) -> None:
    sources = {
        "crm": {
            "connector": "sql",
            "schema": "crm",
            "entities": {"account": "drop table customers"},
        }
    }
    with pytest.raises(CrmKpiError, match=r"crm\.account: expected one SELECT statement"):
        project(engine, sources=sources).live.entity("account")

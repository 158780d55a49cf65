"""The demo company as a warehouse holds it, and as the demo's profile reads it."""

from __future__ import annotations

from pathlib import Path

import crmkpi_demo
import duckdb
import pytest
import yaml
from crmkpi_demo.company import generate, write
from crmkpi_demo.company.clock import holidays
from sqlalchemy import create_engine

from superset_crmkpi.canonical.model import load_model
from tests.demo.conftest import TODAY

PROFILE = Path(next(iter(crmkpi_demo.__path__))) / "crmkpi.yaml"
ENUMERATIONS = {
    ("ticket", "status"): "new open pending on_hold solved closed merged",
    ("ticket", "priority"): "low normal high urgent",
    ("ticket", "channel"): "email phone chat web social api",
    ("ticket", "ticket_type"): "question incident problem task",
    ("ticket_event", "actor_type"): "agent requester system",
    ("ticket_event", "event_type"): "created status priority assignee team public_reply "
    "private_note requester_reply sla merge",
    ("ticket_sla", "metric"): "first_reply next_reply resolution requester_wait agent_work "
    "periodic_update",
    ("ticket_sla", "status"): "active paused achieved breached cancelled",
    ("survey_response", "survey_type"): "csat nps ces",
    ("survey_response", "category"): "promoter passive detractor satisfied neutral dissatisfied",
    ("subscription", "status"): "trialing active past_due paused cancelled expired",
    ("subscription", "billing_interval"): "month quarter year",
    ("mrr_movement", "movement_type"): "new expansion contraction churn reactivation",
    ("renewal", "status"): "open renewed partially_renewed churned",
    ("invoice", "status"): "draft open paid void uncollectible",
    ("invoice", "document_type"): "invoice credit_note order",
    ("email_event", "event_type"): "sent delivered open click bounce unsubscribe spam_report "
    "dropped",
    ("email_event", "bounce_type"): "hard soft",
    ("touchpoint", "touch_type"): "visit form ad_click event email chat",
    ("forecast_snapshot", "forecast_category"): "pipeline best_case commit closed omitted",
}


@pytest.fixture(scope="module")
def database(company, tmp_path_factory):
    path = tmp_path_factory.mktemp("demo") / "demo.duckdb"
    engine = create_engine(f"duckdb:///{path}")
    write(company, engine)
    engine.dispose()
    connection = duckdb.connect(str(path), read_only=True)
    yield connection
    connection.close()


def profile_selects() -> list[tuple[str, str]]:
    profile = yaml.safe_load(PROFILE.read_text(encoding="utf-8"))
    return [
        (source, entity)
        for source, settings in profile["sources"].items()
        for entity in settings.get("entities", {})
    ]


@pytest.mark.parametrize(("source", "entity"), profile_selects())
def test_each_select_of_the_profile_gives_canonical_columns_and_values(database, source, entity):
    settings = yaml.safe_load(PROFILE.read_text(encoding="utf-8"))["sources"][source]
    database.execute(f"use {settings['schema']}")
    frame = database.execute(settings["entities"][entity]).df()
    assert len(frame) > 0
    canonical = set(load_model()[entity].columns)
    assert set(frame.columns) <= canonical
    assert frame["id"].is_unique
    assert frame["id"].notna().all()
    for (name, column), values in ENUMERATIONS.items():
        if name == entity and column in frame:
            assert set(frame[column].dropna()) <= set(values.split()), column


def test_the_profile_has_the_holidays_and_hours_the_company_was_generated_with():
    profile = yaml.safe_load(PROFILE.read_text(encoding="utf-8"))
    schedule = profile["business_hours"]["default"]
    years = sorted({day.year for day in schedule["holidays"]})
    assert schedule["holidays"] == holidays(range(years[0], years[-1] + 1))
    assert schedule["days"]["monday"] == "09:00-17:30"
    assert schedule["days"]["friday"] == "09:00-16:00"


def test_the_database_keeps_rows_types_and_missing_values(company, database):
    for name, frame in company.items():
        schema, table = name.split(".")
        count = database.execute(f'select count(*) from {schema}."{table}"').fetchone()
        assert count == (len(frame),), name
    kinds = dict(
        database.execute(
            "select column_name, data_type from information_schema.columns "
            "where table_schema = 'salesforce' and table_name = 'opportunity'"
        ).fetchall()
    )
    assert kinds["close_date"] == "DATE"
    assert kinds["created_date"] == "TIMESTAMP"
    assert kinds["loss_reason_c"] == "VARCHAR"
    missing = database.execute(
        "select count(*) - count(loss_reason_c) from salesforce.opportunity"
    ).fetchone()
    assert missing == (int(company["salesforce.opportunity"]["loss_reason_c"].isna().sum()),)


@pytest.mark.postgres
def test_postgresql_takes_the_tables_as_well():
    admin = create_engine(
        "postgresql+psycopg2://postgres@127.0.0.1:5432/postgres", isolation_level="AUTOCOMMIT"
    )
    name = "crmkpi_test_demo_company"
    tables = generate(0.05, 7, TODAY)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"drop database if exists {name}")
        connection.exec_driver_sql(f"create database {name}")
        engine = create_engine(f"postgresql+psycopg2://postgres@127.0.0.1:5432/{name}")
        try:
            write(tables, engine)
            with engine.connect() as target:
                for table in ("salesforce.user", "salesforce.lead", "product.usage_daily"):
                    schema, bare = table.split(".")
                    rows = target.exec_driver_sql(f'select count(*) from {schema}."{bare}"')
                    assert rows.scalar() == len(tables[table])
                empty = target.exec_driver_sql(
                    "select count(*) from salesforce.lead where converted_date is null"
                ).scalar()
            assert empty == tables["salesforce.lead"]["converted_date"].isna().sum()
        finally:
            engine.dispose()
            connection.exec_driver_sql(f"drop database {name}")
    admin.dispose()

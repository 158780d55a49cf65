"""The demo company: the same every time, consistent in itself, and believable."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import crmkpi_demo
import numpy as np
import pandas as pd
import pytest
import yaml
from crmkpi_demo.company import generate, write
from crmkpi_demo.company.billing import PLANS
from crmkpi_demo.company.clock import BusinessClock, day_number, holidays
from crmkpi_demo.company.world import PRICE_LIST_RATE, salesforce_ids
from sqlalchemy import create_engine

from superset_crmkpi.canonical.model import load_model
from tests.demo.company import ENUMERATIONS, TODAY

PROFILE = Path(next(iter(crmkpi_demo.__path__))) / "crmkpi.yaml"


def profile_selects() -> list[tuple[str, str]]:
    profile = yaml.safe_load(PROFILE.read_text(encoding="utf-8"))
    return [
        (source, entity)
        for source, settings in profile["sources"].items()
        for entity in settings.get("entities", {})
    ]


def test_the_same_scale_seed_and_day_give_the_very_same_frames(company):
    second = generate(0.1, 7, TODAY)
    assert list(company) == list(second)
    for name, frame in company.items():
        assert frame.equals(second[name]), name


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2026, 1, 1)])
def test_the_tiny_company_has_rows_in_every_table_on_any_day_and_differs_by_seed(company, today):
    tiny = generate(0.05, 11, today)
    assert list(tiny) == list(company)
    for name, frame in tiny.items():
        assert len(frame) > 0, name
        assert list(frame.columns) == list(company[name].columns), name
    names = company["salesforce.user"]["name"]
    assert set(tiny["salesforce.user"]["name"]) != set(names)


def test_salesforce_ids_are_distinct_and_carry_the_case_checksum():
    assert salesforce_ids("006", 20_000).tolist() == list(
        dict.fromkeys(salesforce_ids("006", 20_000))
    )
    identifier = salesforce_ids("001", 1, first=4711)[0]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    parts = [identifier[:15][start : start + 5] for start in (0, 5, 10)]
    bits = [sum(char.isupper() << place for place, char in enumerate(part)) for part in parts]
    assert identifier[15:] == "".join(letters[number] for number in bits)


def test_keys_are_unique(company):
    for name, frame in company.items():
        if "id" in frame:
            assert frame["id"].is_unique, name
    assert company["helpdesk.tickets"]["ticket_no"].is_unique
    assert company["billing.subscriptions"]["subscription_no"].is_unique
    assert company["billing.invoices"]["invoice_no"].is_unique


REFERENCES = [
    ("salesforce.contact", "account_id", "salesforce.account"),
    ("salesforce.account", "owner_id", "salesforce.user"),
    ("salesforce.account", "parent_id", "salesforce.account"),
    ("salesforce.account", "master_record_id", "salesforce.account"),
    ("salesforce.user", "manager_id", "salesforce.user"),
    ("salesforce.user", "user_role_id", "salesforce.user_role"),
    ("salesforce.lead", "owner_id", "salesforce.user"),
    ("salesforce.lead", "converted_opportunity_id", "salesforce.opportunity"),
    ("salesforce.lead", "converted_account_id", "salesforce.account"),
    ("salesforce.lead", "converted_contact_id", "salesforce.contact"),
    ("salesforce.lead_history", "lead_id", "salesforce.lead"),
    ("salesforce.opportunity", "account_id", "salesforce.account"),
    ("salesforce.opportunity", "campaign_id", "salesforce.campaign"),
    ("salesforce.opportunity", "record_type_id", "salesforce.record_type"),
    ("salesforce.opportunity_history", "opportunity_id", "salesforce.opportunity"),
    ("salesforce.opportunity_contact_role", "contact_id", "salesforce.contact"),
    ("salesforce.opportunity_line_item", "product_2_id", "salesforce.product_2"),
    ("salesforce.task", "account_id", "salesforce.account"),
    ("salesforce.event", "owner_id", "salesforce.user"),
    ("salesforce.campaign_member", "lead_id", "salesforce.lead"),
    ("salesforce.campaign_member", "campaign_id", "salesforce.campaign"),
    ("salesforce.login_history", "user_id", "salesforce.user"),
    ("salesforce.forecasting_quota", "quota_owner_id", "salesforce.user"),
    ("helpdesk.tickets", "account_id", "salesforce.account"),
    ("helpdesk.tickets", "contact_id", "salesforce.contact"),
    ("helpdesk.tickets", "agent_id", "salesforce.user"),
    ("billing.subscriptions", "account_id", "salesforce.account"),
    ("billing.renewals", "owner_id", "salesforce.user"),
    ("marketing.email_events", "contact_id", "salesforce.contact"),
    ("marketing.ad_spend", "campaign_id", "salesforce.campaign"),
    ("marketing.form_submissions", "lead_id", "salesforce.lead"),
    ("product.usage_daily", "account_id", "salesforce.account"),
    ("academy.course_completions", "user_id", "salesforce.user"),
    ("planning.forecast_snapshots", "owner_id", "salesforce.user"),
]


@pytest.mark.parametrize(("table", "column", "parent"), REFERENCES)
def test_foreign_keys_point_to_records_that_are_there(company, table, column, parent):
    used = company[table][column].dropna()
    assert len(used) > 0
    assert used.isin(company[parent]["id"]).all()


def test_nothing_that_happened_lies_in_the_future(company):
    now = pd.Timestamp(TODAY) + pd.Timedelta(hours=6)
    for table, columns in {
        "salesforce.opportunity": ["created_date", "last_stage_change_date"],
        "salesforce.opportunity_history": ["created_date"],
        "salesforce.lead": ["created_date", "converted_date"],
        "salesforce.lead_history": ["created_date"],
        "salesforce.task": ["created_date", "completed_date_time"],
        "salesforce.login_history": ["login_time"],
        "helpdesk.tickets": ["created_at", "first_reply_at", "solved_at", "closed_at"],
        "helpdesk.ticket_events": ["occurred_at"],
        "helpdesk.surveys": ["answered_at"],
        "billing.subscription_changes": ["change_date"],
        "marketing.email_events": ["occurred_at"],
        "product.usage_daily": ["usage_date"],
    }.items():
        for column in columns:
            assert company[table][column].max() <= now, (table, column)


def test_the_ledger_adds_up_to_each_subscription_to_the_cent(company):
    changes = company["billing.subscription_changes"]
    total = changes.groupby("subscription_no")["mrr_change"].sum().round(2)
    subscriptions = company["billing.subscriptions"].set_index("subscription_no")
    pd.testing.assert_series_equal(
        total.sort_index(), subscriptions["mrr"].sort_index(), check_names=False
    )
    running = changes.groupby("subscription_no")["mrr_change"].cumsum().round(2)
    assert (running == changes["mrr_after"]).all()
    ended = subscriptions["status"] == "cancelled"
    assert (subscriptions["mrr"] == 0).equals(ended)
    first = changes.groupby("subscription_no")["change_type"].first()
    assert set(first) == {"new", "reactivation"}


def test_an_opportunity_is_what_its_last_history_row_says(company):
    opportunity = company["salesforce.opportunity"].set_index("id")
    history = company["salesforce.opportunity_history"]
    last = history.groupby("opportunity_id").tail(1).set_index("opportunity_id")
    last = last.reindex(opportunity.index)
    for column in ("stage_name", "close_date", "probability"):
        assert (opportunity[column] == last[column]).all(), column
    assert history.groupby("opportunity_id")["created_date"].is_monotonic_increasing.all()
    first = history.groupby("opportunity_id")["created_date"].first()
    assert (first.reindex(opportunity.index) == opportunity["created_date"]).all()


def test_there_is_no_stage_history_after_the_close(company):
    history = company["salesforce.opportunity_history"]
    closed = history["stage_name"].isin(["Closed Won", "Closed Lost"])
    last = ~history["opportunity_id"].duplicated(keep="last")
    assert (closed & ~last).sum() == 0
    opportunity = company["salesforce.opportunity"].set_index("id")
    at_close = history[closed].set_index("opportunity_id")["created_date"]
    assert set(at_close.index) == set(opportunity.index[opportunity["is_closed"]])
    day = opportunity.loc[at_close.index, "close_date"]
    assert (at_close.dt.normalize() == day).all()


def test_line_items_add_up_to_the_amount(company):
    items = company["salesforce.opportunity_line_item"]
    total = items.groupby("opportunity_id")["total_price"].sum()
    amount = company["salesforce.opportunity"].set_index("id")["amount"].reindex(total.index)
    assert np.allclose(total, amount, atol=0.01)


def test_ticket_events_agree_with_their_ticket(company):
    ticket = company["helpdesk.tickets"].set_index("ticket_no")
    event = company["helpdesk.ticket_events"]
    assert event.groupby("ticket_no")["event"].first().eq("created").all()
    public = event[(event["event"] == "public_reply") & (event["actor_kind"] == "agent")]
    first = public.groupby("ticket_no")["occurred_at"].min().reindex(ticket.index)
    assert first.equals(ticket["first_reply_at"].rename("occurred_at"))
    state = event[event["event"].isin(["created", "status"])].groupby("ticket_no")["new_value"]
    assert (state.last().reindex(ticket.index) == ticket["status"]).mean() > 0.99


def test_service_levels_count_business_minutes(company):
    clock = BusinessClock(day_number(date(2022, 1, 1)), day_number(date(2028, 1, 1)))
    sla = company["helpdesk.ticket_slas"]
    allowed = clock.minutes(sla["due_at"]) - clock.minutes(sla["applied_at"])
    assert np.allclose(allowed, sla["target_minutes"], atol=0.05)
    breached = sla["breached_at"].notna()
    assert (sla["state"] == "BREACHED").equals(breached)
    done = sla["fulfilled_at"].notna()
    assert ((sla["fulfilled_at"] > sla["due_at"]) == breached)[done].mean() > 0.999


def test_the_business_clock_passes_weekends_and_holidays():
    clock = BusinessClock(day_number(date(2026, 1, 1)), day_number(date(2026, 12, 31)))
    friday = np.array(["2026-04-02T15:00", "2026-07-10T13:30"], dtype="datetime64[ns]")
    after = clock.moments(clock.minutes(friday) + 60)
    # Maundy Thursday 17:00 in Berlin is followed by Tuesday after Easter; a Friday ends at 16:00.
    expected = np.array(["2026-04-07T07:30", "2026-07-13T07:30"], dtype="datetime64[ns]")
    assert (after == expected).all()


def test_win_rate_and_shape_of_the_pipeline_are_believable(company):
    opportunity = company["salesforce.opportunity"]
    closed = opportunity[opportunity["is_closed"] & ~opportunity["is_deleted"]]
    assert 0.2 <= closed["is_won"].mean() <= 0.35
    still = opportunity[~opportunity["is_closed"]]
    assert still["stage_name"].nunique() == 5
    assert 0.02 < (still["close_date"] < pd.Timestamp(TODAY)).mean() < 0.4
    assert 0.05 < still["next_step"].isna().mean() < 0.7
    history = company["salesforce.opportunity_history"]
    assert (history.groupby("opportunity_id")["close_date"].nunique() >= 3).mean() > 0.1
    won = closed[closed["is_won"] & (closed["type"] == "New Business")]
    cycle = (won["close_date"] - won["created_date"]).dt.days
    assert 40 < cycle.median() < 100


def test_retention_is_that_of_a_healthy_subscription_business():
    changes = generate(0.3, 7, TODAY)["billing.subscription_changes"]
    changes = changes.assign(eur=changes["mrr_change"] / changes["currency"].map(PRICE_LIST_RATE))
    year_ago = pd.Timestamp(TODAY) - pd.DateOffset(years=1)
    start = changes[changes["change_date"] <= year_ago].groupby("account_id")["eur"].sum()
    start = start[start > 0.01]
    end = changes.groupby("account_id")["eur"].sum().reindex(start.index)
    assert 0.98 <= end.sum() / start.sum() <= 1.18
    assert 0.84 <= np.minimum(start, end).sum() / start.sum() <= 0.96
    assert 0.8 <= (end > 0.01).mean() <= 0.93


def test_every_audience_finds_something_to_act_on_today(company):
    today = pd.Timestamp(TODAY)
    task = company["salesforce.task"]
    assert (~task["is_closed"] & (task["activity_date"] < today)).any()
    lead = company["salesforce.lead"]
    assert ((lead["status"] == "Open - Not Contacted") & ~lead["is_deleted"]).sum() > 10
    renewal = company["billing.renewals"]
    soon = renewal["due_date"].between(today, today + pd.Timedelta(days=90))
    assert ((renewal["status"] == "open") & soon).any()
    campaign = company["salesforce.campaign"]
    assert (campaign["status"] == "In Progress").any()
    sla = company["helpdesk.ticket_slas"]
    assert (sla["fulfilled_at"].isna() & sla["breached_at"].notna()).any()
    course = company["academy.course_completions"]
    assert course["completed_at"].isna().any()


def test_the_records_have_the_faults_that_real_ones_have(company):
    account, contact = company["salesforce.account"], company["salesforce.contact"]
    assert account["master_record_id"].notna().any()
    assert (account["is_deleted"] == ~account["_fivetran_active"]).all()
    assert account["industry"].isna().any()
    assert contact["phone"].isin(["n/a", "-", "test"]).any()
    live = contact[~contact["is_deleted"] & contact["email"].notna()]
    assert live["email"].str.lower().duplicated().any()
    opportunity = company["salesforce.opportunity"]
    user = company["salesforce.user"].set_index("id")
    assert opportunity["amount"].isna().any()
    assert (~user["is_active"]).any()
    assert (~account["owner_id"].map(user["is_active"]).astype(bool)).any()
    assert opportunity["currency_iso_code"].nunique() == 4


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


def test_plans_of_billing_and_products_of_the_crm_are_the_same(company):
    codes = [plan[0] for plan in PLANS]
    assert company["billing.plans"]["plan_code"].tolist() == codes
    assert company["salesforce.product_2"]["product_code"].tolist() == codes

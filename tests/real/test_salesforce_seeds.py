"""Rows of real Salesforce organisations, as Fivetran's package is tested with them."""

from __future__ import annotations

import pandas as pd
import pytest
import sqlalchemy as sa

from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.project import Project
from tests.real.conftest import Answers, data, loaded, read

FOLDER = "fivetran_salesforce_seeds"
data(FOLDER)
TABLES = {
    table: f"sf_{table}_data"
    for table in (
        "account",
        "contact",
        "lead",
        "user",
        "user_role",
        "opportunity",
        "opportunity_line_item",
        "product_2",
        "task",
        "event",
    )
}
PROFILE = Profile.model_validate(
    {
        "database": {"name": "test"},
        "sources": {
            "crm": {
                "connector": "salesforce",
                "landing": "fivetran",
                "schema": "raw",
                "tables": {**TABLES, "opportunity_history_mode": "sf_opportunity_history_data"},
            }
        },
        "calendar": {"today": "2019-12-31"},
        "currency": {"reporting": "USD"},
    }
)


@pytest.fixture(scope="module")
def crm() -> Answers:
    return Answers(Project(PROFILE, loaded(FOLDER)))


@pytest.fixture(scope="module")
def undeleted() -> Answers:
    """The same, with the opportunities taken out of the recycle bin."""
    engine = loaded(FOLDER)
    with engine.connect() as connection, connection.begin():
        for table in ("sf_opportunity_data", "sf_opportunity_history_data"):
            connection.execute(sa.text(f"update raw.{table} set is_deleted = 'false'"))
    return Answers(Project(PROFILE, engine))


def current(name: str) -> pd.DataFrame:
    frame = read(FOLDER, name)
    return frame[frame["_fivetran_active"].str.lower() == "true"]


def test_deals_in_the_recycle_bin_never_count(crm: Answers) -> None:
    assert set(read(FOLDER, "sf_opportunity_data")["is_deleted"]) == {"true"}
    assert len(crm.entity("opportunity")) == 0


def test_win_rate_by_count_and_by_value(undeleted: Answers) -> None:
    deals = current("sf_opportunity_data")
    closed = deals[deals["is_closed"] == "true"]
    won = closed["is_won"] == "true"
    assert undeleted.kpi("win_rate") == pytest.approx(won.mean())
    fact = undeleted.fact("opportunities", ["won_amount", "closed_amount"]).astype(float).sum()
    amount = closed["amount"].astype(float)
    assert fact["won_amount"] == pytest.approx(amount[won].sum())
    assert fact["closed_amount"] == pytest.approx(amount.sum())


def test_a_probability_of_1000_percent_is_none(undeleted: Answers) -> None:
    deals = current("sf_opportunity_data").set_index("id")["probability"].astype(float)
    assert (deals == 1000).any()
    answer = undeleted.entity("opportunity").set_index("source_id")["probability"].astype(float)
    expected = (deals / 100).where(deals <= 100)
    pd.testing.assert_series_equal(
        answer.sort_index(), expected.sort_index(), check_names=False, check_index_type=False
    )


def test_history_mode_keeps_versions_that_are_not_current(undeleted: Answers) -> None:
    history = undeleted.entity("opportunity_history")
    given = read(FOLDER, "sf_opportunity_history_data")
    assert set(history["opportunity_id"]) == {f"crm:{key}" for key in given["id"]}
    assert not history["is_reconstructed"].any()


def test_activities_are_tasks_and_events(crm: Answers) -> None:
    answer = crm.entity("activity")
    tasks, events = read(FOLDER, "sf_task_data"), read(FOLDER, "sf_event_data")
    assert set(answer["source_id"]) == set(tasks["id"]) | set(events["id"])
    people = answer.set_index("source_id")[["contact_id", "lead_id"]]
    for row in pd.concat([tasks, events]).to_dict("records"):
        column = {"003": "contact_id", "00Q": "lead_id"}[row["who_id"][:3]]
        assert people.loc[row["id"], column] == f"crm:{row['who_id']}"


def test_line_items_sum_to_their_total_price(crm: Answers) -> None:
    given = read(FOLDER, "sf_opportunity_line_item_data")["total_price"].astype(float).sum()
    answer = crm.entity("opportunity_line_item")
    assert answer["total_price_base"].astype(float).sum() == pytest.approx(given)

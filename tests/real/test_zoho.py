"""The sample organisation that Zoho gives out: KPIs through the connector against pandas."""

from __future__ import annotations

import pandas as pd
import pytest

from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.project import Project
from superset_crmkpi.warehouse.load import load_files
from tests.real.conftest import Answers, data, loaded, read

FOLDER = "zoho_crm"
data(FOLDER)
PROFILE = Profile.model_validate(
    {
        "database": {"name": "test"},
        "sources": {"zoho": {"connector": "zoho", "landing": "files", "schema": "raw"}},
        "calendar": {"today": "2021-06-30"},
        "currency": {"reporting": "USD"},
    }
)


@pytest.fixture(scope="module")
def crm() -> Answers:
    return Answers(Project(PROFILE, loaded(FOLDER)))


def money(texts: pd.Series) -> pd.Series:
    """`$1,117.10K` as 1117100.0."""
    plain = texts.str.replace("[$,]", "", regex=True)
    thousands = plain.str.endswith("K", na=False)
    return plain.str.rstrip("K").astype(float) * (1 + 999 * thousands)


@pytest.fixture(scope="module")
def deals() -> pd.DataFrame:
    frame = read(FOLDER, "Potentials")
    frame["amount"] = money(frame["Amount"])
    frame["created"] = pd.to_datetime(frame["Created Time"], format="%d %b, %Y %H:%M:%S")
    frame["closing"] = pd.to_datetime(frame["Closing Date"], format="%d %b, %Y %H:%M:%S")
    frame["closed"] = frame["Forecast Type"].isin(["Won", "Lost"])
    frame["won"] = frame["Forecast Type"] == "Won"
    return frame


def test_win_rate_by_owner_is_won_over_closed(crm: Answers, deals: pd.DataFrame) -> None:
    closed = deals[deals["closed"]]
    expected = closed.groupby("Potential Owner")["won"].mean()
    answer = crm.kpi("win_rate", by="owner")
    assert list(answer.index) == list(expected.index)
    assert answer.to_numpy() == pytest.approx(expected.to_numpy())


def test_win_rate_of_a_quarter_goes_by_closing_date(crm: Answers, deals: pd.DataFrame) -> None:
    quarter = deals[deals["closed"] & (deals["closing"].dt.to_period("Q") == "2020Q4")]
    assert len(quarter) > 50
    where = "closed_date >= date '2020-10-01' and closed_date < date '2021-01-01'"
    answer = crm.kpi("win_rate", where, uses=["closed_date"])
    assert answer == pytest.approx(quarter["won"].mean())


def test_win_rate_by_value_and_deal_size_read_dollar_texts(
    crm: Answers, deals: pd.DataFrame
) -> None:
    fact = crm.fact("opportunities", ["won_amount", "closed_amount"]).astype(float).sum()
    won, closed = deals[deals["won"]]["amount"], deals[deals["closed"]]["amount"]
    assert fact["won_amount"] / fact["closed_amount"] == pytest.approx(won.sum() / closed.sum())
    assert crm.kpi("average_deal_size") == pytest.approx(won.mean())


def test_pipeline_value_is_the_open_amount_of_today(crm: Answers, deals: pd.DataFrame) -> None:
    answer = crm.kpi("pipeline_value", "month_start = date '2021-06-01'", uses=["month_start"])
    assert answer == pytest.approx(deals[~deals["closed"]]["amount"].sum())


def test_every_won_deal_has_a_sales_cycle_or_is_counted_as_a_fault(
    crm: Answers, deals: pd.DataFrame
) -> None:
    fact = crm.fact("opportunities", ["cycle_days", "is_cycle_fault"]).astype(float)
    assert fact["cycle_days"].notna().sum() + fact["is_cycle_fault"].sum() == deals["won"].sum()
    assert (fact["cycle_days"].dropna() >= 0).all()


def test_leads_by_month_and_source(crm: Answers) -> None:
    leads = read(FOLDER, "Leads")
    created = pd.to_datetime(leads["Created Time"], format="%d %b, %Y %H:%M:%S")
    month = leads[created.dt.to_period("M") == "2021-01"]
    where = "created_date >= date '2021-01-01' and created_date < date '2021-02-01'"
    answer = crm.kpi("leads_created", where, uses=["created_date"], by="lead_source")
    assert answer.to_dict() == month["Lead Source"].value_counts().to_dict()


def test_lead_conversion_counts_leads_whose_deal_was_won(crm: Answers, deals: pd.DataFrame) -> None:
    leads = read(FOLDER, "Leads")
    won = leads["LEADID"].isin(deals[deals["won"]]["LEADID"])
    assert crm.kpi("lead_conversion_rate") == pytest.approx(won.mean())
    with_deal = leads["LEADID"].isin(deals["LEADID"])
    assert crm.kpi("lead_to_opportunity_rate") == pytest.approx(with_deal.mean())


def test_calls_made_are_the_outbound_ones(crm: Answers) -> None:
    calls = read(FOLDER, "Calls")
    outbound = calls[calls["Call Type"] == "Outbound"]
    answer = crm.kpi("calls_made", "owner <> '(none)'", uses=["owner"], by="owner")
    assert answer[answer > 0].to_dict() == outbound["Call Owner"].value_counts().to_dict()


def test_tickets_by_channel_and_backlog(crm: Answers) -> None:
    cases = read(FOLDER, "Cases")
    names = {"Email": "email", "Social Media": "social", "Web": "web", "Phone": "phone"}
    channels = cases["Case Origin"].map(names).fillna("(none)").value_counts().to_dict()
    assert crm.kpi("ticket_volume", by="channel").to_dict() == channels
    is_open = crm.fact("tickets", ["is_open"])["is_open"].astype(int)
    assert is_open.sum() == (cases["Status"] != "Closed").sum()


def test_probability_stays_the_vendors_own_on_a_scale_of_one(
    crm: Answers, deals: pd.DataFrame
) -> None:
    given = deals["Probability"].astype(float)
    answer = crm.entity("opportunity")["probability"].astype(float)
    assert answer.mean() == pytest.approx((given / 100).mean())
    assert answer.notna().sum() == given.notna().sum()


def test_postgresql_gives_the_same_answers(
    crm: Answers, postgres: object, deals: pd.DataFrame
) -> None:
    folder = data(FOLDER)
    files = [
        folder / f"{name}.csv" for name in ("Potentials", "Leads", "Users", "Cases", "Accounts")
    ]
    load_files(postgres, "raw", files)  # type: ignore[arg-type]
    other = Answers(Project(PROFILE, postgres))  # type: ignore[arg-type]
    for name, by in (
        ("win_rate", "owner"),
        ("average_deal_size", "lead_source"),
        ("ticket_volume", "channel"),
        ("lead_conversion_rate", "industry"),
    ):
        ours, theirs = crm.kpi(name, by=by), other.kpi(name, by=by)
        assert theirs.sort_index().to_dict() == pytest.approx(ours.sort_index().to_dict()), name

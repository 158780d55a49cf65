"""Real data of others, all the way: raw files, dashboards in Superset, and Superset's answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.load import load_profile
from superset_crmkpi.project.project import Project
from superset_crmkpi.warehouse.load import load_files
from tests.needs import need_superset
from tests.real import conftest as real
from tests.seeds import in_turn, turn
from tests.superset.asking import Rows, Viewer, query_of

pytestmark = pytest.mark.superset
Answers = Iterator[tuple[str, Any, Any]]  # what was asked, Superset's answer, pandas' answer


@dataclass(frozen=True)
class Company:
    """A data set, how it is read, and what pandas says about it."""

    folder: str
    profile: Callable[[], Profile]
    answers: Callable[[Viewer], Answers]
    prepare: Callable[[sa.engine.Engine], None] = lambda engine: None


@dataclass(frozen=True)
class Installed:
    company: Company
    project: Project
    bundle: Bundle
    viewer: Viewer


# -- Zoho ------------------------------------------------------------------------------------------


def zoho_profile() -> Profile:
    """With two fields that the connector does not know; Superset then has them as columns."""
    profile: Profile = import_module("tests.real.test_zoho").PROFILE
    fields = {
        "opportunity.age_tier": {"from": {"zoho": "Age Tier"}, "filter": True},
        "opportunity.had_calls": {"type": "boolean", "from": {"zoho": "Calls Involved"}},
    }
    return Profile.model_validate({**profile.model_dump(by_alias=True), "fields": fields})


def zoho_answers(viewer: Viewer) -> Answers:
    deals, leads = real.read("zoho_crm", "Potentials"), real.read("zoho_crm", "Leads")
    deals["amount"] = import_module("tests.real.test_zoho").money(deals["Amount"])
    closing = pd.to_datetime(deals["Closing Date"], format="%d %b, %Y %H:%M:%S")
    won, lost = deals["Forecast Type"] == "Won", deals["Forecast Type"] == "Lost"
    closed = deals[won | lost].assign(won=won)
    yield (
        "win rate by owner",
        viewer.kpi("win_rate", by="owner"),
        closed.groupby("Potential Owner")["won"].mean().to_dict(),
    )
    yield (
        "win rate by a field of the company's own",
        viewer.kpi("win_rate", by="age_tier"),
        closed.groupby("Age Tier")["won"].mean().to_dict(),
    )
    called = (closed["Calls Involved"] == "Yes") & closed["Age Tier"].str.startswith("1.")
    yield (
        "win rate, filtered by two of them",
        viewer.kpi("win_rate", had_calls="yes", age_tier=["1. 0 - 60 days"]),
        closed.loc[called, "won"].mean(),
    )
    quarter = (closing >= "2020-10-01") & (closing < "2021-01-01")
    yield (
        "win rate of a quarter",
        viewer.kpi("win_rate", period="closed_date 2020-10-01 : 2021-01-01"),
        closed.loc[quarter[closed.index], "won"].mean(),
    )
    yield "average deal size", viewer.kpi("average_deal_size"), deals.loc[won, "amount"].mean()
    yield (
        "lost deals of a month",
        viewer.kpi("lost_deals", period="closed_date 2021-02-01 : 2021-03-01"),
        (lost & (closing >= "2021-02-01") & (closing < "2021-03-01")).sum(),
    )
    yield (
        "open pipeline of today",
        viewer.kpi("pipeline_value", period="month_start 2021-06-01 : 2021-07-01"),
        deals.loc[~(won | lost), "amount"].sum(),
    )
    yield (
        "leads that became customers",
        viewer.kpi("lead_conversion_rate"),
        leads["LEADID"].isin(deals.loc[won, "LEADID"]).mean(),
    )
    calls = real.read("zoho_crm", "Calls")
    outbound = calls.loc[calls["Call Type"] == "Outbound", "Call Owner"].value_counts()
    made = viewer.kpi("calls_made", by="owner")
    yield "calls by owner", {who: made[who] for who in outbound.index}, outbound.to_dict()


# -- Ravenstack ------------------------------------------------------------------------------------


def ravenstack_profile() -> Profile:
    return load_profile(Path(real.__file__).with_name("ravenstack.yaml"))


def ravenstack_answers(viewer: Viewer) -> Answers:
    subscriptions = real.read("ravenstack", "ravenstack_subscriptions")
    start, end = (
        pd.to_datetime(subscriptions[column], format="%d-%m-%Y")
        for column in ("start_date", "end_date")
    )
    paid = subscriptions["mrr_amount"].astype(float).where(subscriptions["is_trial"] == "FALSE", 0)

    def mrr(day: str) -> pd.Series:
        active = (start <= day) & ~(end <= day)
        return paid.where(active, 0.0).groupby(subscriptions["account_id"]).sum()

    then, now = mrr("2023-12-31"), mrr("2024-12-31")
    there = then > 0
    december = {"period": "period_start 2024-12-01 : 2025-01-01"}
    year = {**december, "period_type": "trailing_year"}
    yield "MRR", viewer.kpi("mrr", **december, period_type="month"), now.sum()
    yield "churn of a year", viewer.kpi("churn_rate", **year), (now[there] == 0).mean()
    yield "retention of a year", viewer.kpi("retention_rate", **year), (now[there] > 0).mean()
    yield "NRR", viewer.kpi("nrr", **year), now[there].sum() / then[there].sum()
    kept = now[there].clip(upper=then[there]).sum()
    yield "GRR", viewer.kpi("gross_revenue_retention", **year), kept / then[there].sum()
    tickets = real.read("ravenstack", "ravenstack_supports_ticket")
    scores = tickets["satisfaction_score"].dropna().astype(float)
    yield "CSAT", viewer.kpi("csat"), (scores >= 4).mean()
    yield (
        "tickets by priority",
        viewer.kpi("ticket_volume", by="priority"),
        tickets["priority"].replace("medium", "normal").value_counts().to_dict(),
    )
    minutes = tickets["first_response_time_minutes"].astype(float)
    yield "median first response", viewer.kpi("first_response_time"), minutes.median() / 60


# -- Salesforce ------------------------------------------------------------------------------------


def salesforce_profile() -> Profile:
    profile: Profile = import_module("tests.real.test_salesforce_seeds").PROFILE
    return profile


def out_of_the_recycle_bin(engine: sa.engine.Engine) -> None:
    """All opportunities of the seeds are deleted ones; without them there is little to ask."""
    with engine.begin() as connection:
        for table in ("sf_opportunity_data", "sf_opportunity_history_data"):
            connection.execute(sa.text(f"update raw.{table} set is_deleted = 'false'"))


def salesforce_answers(viewer: Viewer) -> Answers:
    current = import_module("tests.real.test_salesforce_seeds").current
    deals = current("sf_opportunity_data")
    amount, created = deals["amount"].astype(float), pd.to_datetime(deals["created_date"])
    closed, won = deals["is_closed"] == "true", deals["is_won"] == "true"
    yield "win rate", viewer.kpi("win_rate"), won[closed].mean()
    yield "average deal size", viewer.kpi("average_deal_size"), amount[won].mean()
    yield "lost deals", viewer.kpi("lost_deals"), (closed & ~won).sum()
    yield (
        "deals created in a month",
        viewer.kpi("opportunities_created", period="created_date 2018-12-01 : 2019-01-01"),
        ((created >= "2018-12-01") & (created < "2019-01-01")).sum(),
    )
    first = deals.assign(amount=amount)[won].sort_values("close_date").groupby("account_id")
    yield "first purchases", viewer.kpi("net_new_revenue"), first["amount"].nth(0).sum()


ZOHO = Company("zoho_crm", zoho_profile, zoho_answers)
RAVENSTACK = Company("ravenstack", ravenstack_profile, ravenstack_answers)
SALESFORCE = Company(
    "fivetran_salesforce_seeds", salesforce_profile, salesforce_answers, out_of_the_recycle_bin
)


COMPANIES = [ZOHO, RAVENSTACK, SALESFORCE]
#: every other day one, in step with the dashboards that are asked whole, below
TURNS = [two for one in COMPANIES for two in (one, None)]


@pytest.fixture(scope="module", params=COMPANIES, ids=lambda c: c.folder)
def installed(
    request: pytest.FixtureRequest, installer: Any, tmp_path_factory: pytest.TempPathFactory
) -> Installed:
    need_superset()
    company: Company = request.param
    if not (real.DATA / company.folder).is_dir():
        pytest.skip(f"no real data: {real.DATA / company.folder} is not there")
    path = tmp_path_factory.mktemp(company.folder) / "warehouse.duckdb"
    engine = sa.create_engine(f"duckdb:///{path}", future=True)
    load_files(engine, "raw", [real.DATA / company.folder])
    company.prepare(engine)
    engine.dispose()
    uri = f"duckdb:///{path}?access_mode=read_only"
    project = Project(company.profile(), sa.create_engine(uri, future=True))
    bundle = project.bundle(uri=uri)
    project.engine.dispose()
    return Installed(company, project, bundle, installer(bundle))


@turn("installed", TURNS)
def test_superset_gives_the_numbers_that_pandas_gives(installed: Installed) -> None:
    asked = 0
    for question, answer, expected in installed.company.answers(installed.viewer):
        assert answer == pytest.approx(expected), question
        asked += 1
    assert asked >= 5


def is_empty(rows: list[dict[str, Any]]) -> bool:
    """Whether a person would see nothing: no row, or nothing but nulls."""
    return all(value is None for row in rows for value in row.values())


def with_charts(bundle: Bundle) -> set[str]:
    """Titles of the dashboards with a chart: Superset shows a reader no others."""
    return {
        str(board["dashboard_title"])
        for _, board in bundle.of("dashboards")
        if any(key.startswith("CHART-") for key in board["position"])
    }


@turn("installed", TURNS)
def test_every_tile_answers_or_says_what_is_missing(
    installed: Installed, record_property: Callable[[str, object], None]
) -> None:
    """No tile fails, and each KPI that cannot be computed is a text with its reason.

    A company every other day; of one of its dashboards every tile is asked, in turn, and one of
    each fact.

    A tile may be empty where the data is: a list of what is wrong when nothing is, or a KPI whose
    records have no row in the period. Those are kept in the report of the run.
    """
    boards = installed.viewer.boards()
    assert {board.title for board in boards} == with_charts(installed.bundle)
    lacking = {k.reason for k in installed.project.coverage.kpis.values() if not k.available}
    whole = in_turn([(company, number) for number in range(5) for company in TURNS])
    tiles = [(board.title, tile) for board, tile in installed.viewer.one_of_each_fact()]
    for number, board in enumerate(boards):
        if (installed.company, number) in whole:
            tiles += [(board.title, tile) for tile in board.tiles]
    missing = [text for board in boards for text in board.texts if "No data yet." in text]
    assert tiles
    for text in missing:
        assert any(reason in text for reason in lacking) or "None of its KPIs" in text, text
    asked: dict[str, Rows] = {}
    for title, tile in tiles:
        key = str((tile.dataset, query_of(tile.params, tile.period)))
        if key not in asked:
            try:
                asked[key] = installed.viewer.tile(tile)
            except AssertionError as error:
                raise AssertionError(f"{title}: {tile.title}: {error}") from error
        if is_empty(asked[key]):
            record_property("empty tile", f"{title}: {tile.title}")
    assert not all(is_empty(rows) for rows in asked.values())

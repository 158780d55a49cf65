"""A SaaS company through the user's own SELECTs (ravenstack.yaml) against pandas."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from superset_crmkpi.project.load import load_profile
from superset_crmkpi.project.project import Project
from tests.real.conftest import Answers, data, loaded, read

FOLDER = "ravenstack"
data(FOLDER)
THEN, NOW = pd.Timestamp("2023-12-31"), pd.Timestamp("2024-12-31")


@pytest.fixture(scope="module")
def crm() -> Answers:
    profile = load_profile(Path(__file__).with_name("ravenstack.yaml"))
    return Answers(Project(profile, loaded(FOLDER)))


@pytest.fixture(scope="module")
def mrr() -> pd.DataFrame:
    """MRR per account at the end of 2023 (`then`) and of 2024 (`now`)."""
    subs = read(FOLDER, "ravenstack_subscriptions")
    start = pd.to_datetime(subs["start_date"], format="%d-%m-%Y")
    end = pd.to_datetime(subs["end_date"], format="%d-%m-%Y")
    amount = subs["mrr_amount"].astype(float).where(subs["is_trial"] == "FALSE", 0.0)
    levels = {}
    for name, day in (("then", THEN), ("now", NOW)):
        active = (start <= day) & ~(end <= day)
        levels[name] = amount.where(active, 0.0).groupby(subs["account_id"]).sum()
    return pd.DataFrame(levels)


YEAR = "period_type = 'trailing_year' and period_start = date '2024-12-01'"
USES = ["period_type", "period_start"]


def test_mrr_is_what_active_subscriptions_bring(crm: Answers, mrr: pd.DataFrame) -> None:
    where = "period_type = 'month' and period_start = date '2024-12-01'"
    assert crm.kpi("mrr", where, uses=USES) == pytest.approx(mrr["now"].sum())


def test_churn_and_retention_follow_the_customers_of_a_year_ago(
    crm: Answers, mrr: pd.DataFrame
) -> None:
    there = mrr[mrr["then"] > 0]
    churn = (there["now"] == 0).mean()
    assert crm.kpi("churn_rate", YEAR, uses=USES) == pytest.approx(churn)
    assert crm.kpi("retention_rate", YEAR, uses=USES) == pytest.approx(1 - churn)


def test_revenue_retention_counts_old_customers_only(crm: Answers, mrr: pd.DataFrame) -> None:
    there = mrr[mrr["then"] > 0]
    kept = there[["then", "now"]].min(axis=1).sum()
    assert crm.kpi("nrr", YEAR, uses=USES) == pytest.approx(
        there["now"].sum() / there["then"].sum()
    )
    answer = crm.kpi("gross_revenue_retention", YEAR, uses=USES)
    assert answer == pytest.approx(kept / there["then"].sum())
    assert answer <= 1


def test_csat_is_the_top_two_boxes_of_the_answers(crm: Answers) -> None:
    scores = read(FOLDER, "ravenstack_supports_ticket")["satisfaction_score"].dropna().astype(int)
    assert crm.kpi("csat") == pytest.approx((scores >= 4).mean())


def test_tickets_by_priority(crm: Answers) -> None:
    given = read(FOLDER, "ravenstack_supports_ticket")["priority"].replace("medium", "normal")
    assert crm.kpi("ticket_volume", by="priority").to_dict() == given.value_counts().to_dict()


def test_first_response_and_resolution_agree_with_the_vendors_own_durations(crm: Answers) -> None:
    tickets = read(FOLDER, "ravenstack_supports_ticket")
    minutes = tickets["first_response_time_minutes"].astype(float)
    assert crm.kpi("first_response_time") == pytest.approx(minutes.median() / 60)
    hours = tickets["resolution_time_hours"].astype(float)
    assert crm.kpi("resolution_time") == pytest.approx(hours.mean())


def test_usage_keeps_every_row_under_an_id_of_its_own(crm: Answers) -> None:
    usage = crm.entity("product_usage_event")
    given = read(FOLDER, "ravenstack_feature_usage")
    assert len(usage) == len(given)
    assert usage["id"].is_unique
    assert usage["event_count"].astype(int).sum() == given["usage_count"].astype(int).sum()

"""Every KPI that the real data can answer has a sign, a range and a scale that can be true.

In total and per slice of every dimension, a company a day. Ratios are fractions (0.25, not 25),
money is in the reporting currency, durations are hours; a number out of its band is a wrong formula
or unit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from superset_crmkpi.catalogue.definitions import Kpi
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.project.load import load_profile
from superset_crmkpi.project.project import Project
from tests.real import test_salesforce_seeds, test_zoho
from tests.real.conftest import Answers, data, loaded
from tests.seeds import turn

#: every number of days or hours of these companies lies within so many years
YEARS = 12
ANY = float("inf")
#: what a KPI's unit allows
BANDS = {
    "percent": (0, 1),
    "count": (0, ANY),
    "number": (0, ANY),
    "ratio": (0, ANY),
    "money": (0, ANY),
    "money per day": (0, ANY),
    "days": (0, YEARS * 366),
    "months": (0, YEARS * 12),
    "duration": (0, YEARS * 366 * 24),
    "score 0-100": (0, 100),
    "score -100..100": (-100, 100),
    "score -1..1": (-1, 1),
    "points": (-ANY, ANY),
}
#: what a KPI allows beyond its unit, and why
WIDER = {
    "revenue_growth_rate": (-1, ANY),  # nothing left; any multiple
    "email_list_growth_rate": (-1, ANY),
    "marketing_roi": (-1, ANY),  # all the money gone; any multiple
    "nrr": (0, ANY),  # expansion may outweigh what was lost
    "pipeline_change": (-ANY, ANY),  # deals are lost, pushed and cut
    "target_attainment": (0, ANY),
    "forecast_accuracy": (-ANY, 1),  # a forecast may be wrong by more than the actual
}
#: nothing in these data sets can answer them: `crmkpi doctor` says what they need
UNANSWERED = {
    # campaigns that cost and send mail, web sessions and forms
    "form_submissions", "lead_capture_rate", "email_open_rate", "email_click_rate",
    "unsubscribe_rate", "bounce_rate", "email_list_growth_rate", "cost_per_lead",
    "cost_per_qualified_lead", "cac", "cac_payback_months", "ltv_cac_ratio", "marketing_roi",
    # dates of qualification, scores of leads
    "qualified_rate", "mql_to_sql_rate", "lead_scoring_accuracy",
    # targets and forecasts
    "target_attainment", "forecast_accuracy", "pipeline_coverage",
    # logins, training, promises to customers, sentiment
    "login_frequency", "training_completion", "training_effectiveness", "sla_compliance",
    "sentiment_score", "stage_hygiene",
    # the date of a change of CRM
    "crm_impact",
    # ends of terms
    "renewals_due", "renewal_rate",
}  # fmt: skip


@dataclass(frozen=True)
class Company:
    name: str
    answers: Answers


def zoho() -> Project:
    return Project(test_zoho.PROFILE, loaded("zoho_crm"))


def ravenstack() -> Project:
    return Project(load_profile(Path(__file__).with_name("ravenstack.yaml")), loaded("ravenstack"))


def salesforce() -> Project:
    engine = loaded("fivetran_salesforce_seeds")
    with engine.connect() as connection, connection.begin():
        for table in ("sf_opportunity_data", "sf_opportunity_history_data"):
            connection.execute(sa.text(f"update raw.{table} set is_deleted = 'false'"))
    return Project(test_salesforce_seeds.PROFILE, engine)


COMPANIES = {"zoho_crm": zoho, "ravenstack": ravenstack, "fivetran_salesforce_seeds": salesforce}


@pytest.fixture(scope="module", params=list(COMPANIES))
def company(request: pytest.FixtureRequest) -> Iterator[Company]:
    data(request.param)
    project = COMPANIES[request.param]()
    yield Company(request.param, Answers(project))
    project.engine.dispose()


def answerable(project: Project) -> list[Kpi]:
    coverage = project.coverage.kpis
    return [kpi for name, kpi in project.catalog.kpis.items() if coverage[name].available]


@turn("company", [two for one in COMPANIES for two in (one, None)])
def test_every_kpi_and_slice_lies_where_it_can(company: Company) -> None:
    project = company.answers.project
    values = 0
    wrong: list[str] = []
    made: set[str] = set()
    for kpi in answerable(project):
        table = f"fact_{kpi.fact}"
        if table not in made:
            _execute(project, f"create table {table} as {project.live.fact(kpi.fact)}")
            made.add(table)
        value = project.live.expression(kpi)
        low, high = WIDER.get(kpi.name, BANDS[kpi.meta.unit])
        for dimension in ("", *project.catalog.facts[kpi.fact].meta.dimensions):
            of = f"select {value} as value from {table}"
            frame = company.answers.rows(f"{of} group by {dimension}" if dimension else of)
            found = frame["value"].dropna().astype(float)
            values += len(found)
            for number in found[~found.between(low - 1e-9, high + 1e-9)]:
                wrong.append(f"{kpi.name} by {dimension or 'nothing'}: {number}, not {low}..{high}")
            if kpi.meta.unit == "count":
                for number in found[found % 1 != 0]:
                    wrong.append(f"{kpi.name} by {dimension or 'nothing'}: {number} is no count")
    assert not wrong, "\n".join(wrong)
    assert values > 100


def _execute(project: Project, sql: str) -> None:
    with project.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(sql)


def test_every_kpi_is_answered_by_some_company_or_listed() -> None:
    for folder in COMPANIES:
        data(folder)
    answered = {kpi.name for make in COMPANIES.values() for kpi in answerable(make())}
    assert set(load_catalog().kpis) - answered == UNANSWERED

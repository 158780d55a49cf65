"""Numbers of the demo, by pandas over its raw tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

TODAY = date(2026, 3, 17)  # a small company, on a day when each work list has something in it
END = pd.Timestamp("2026-03-01")  # the dashboards open with the complete months before it

Between = Callable[[pd.Series], pd.Series]


class Raw:
    """The demo's raw tables as frames."""

    def __init__(self, path: Path) -> None:
        self.connection = duckdb.connect(str(path), read_only=True)

    def __call__(self, table: str) -> pd.DataFrame:
        schema, name = table.split(".")
        return self.connection.execute(f'select * from {schema}."{name}"').df()


def local_day(times: pd.Series) -> pd.Series:
    """The day in the reporting time zone of naive UTC times."""
    local = pd.to_datetime(times).dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin")
    return local.dt.tz_localize(None).dt.normalize()


def win_rate(raw: Raw, period: Between) -> float:
    deals = closed(raw)
    return float(deals.loc[period(deals["day"]), "is_won"].mean())


def closed(raw: Raw) -> pd.DataFrame:
    """The deals that were won or lost, with the day and the name of the owner."""
    deals, users = raw("salesforce.opportunity"), raw("salesforce.user")
    found = deals[~deals["is_deleted"] & deals["is_closed"]]
    owner = found["owner_id"].map(users.set_index("id")["name"])
    return found.assign(day=pd.to_datetime(found["close_date"]), owner=owner)


def lost(raw: Raw) -> pd.DataFrame:
    deals = closed(raw)
    return deals[~deals["is_won"]]


def lost_deals(raw: Raw, period: Between) -> float:
    return float(period(lost(raw)["day"]).sum())


def overdue_tasks(raw: Raw, period: Between) -> float:
    """Of today, whatever the period."""
    tasks = raw("salesforce.task")
    late = pd.to_datetime(tasks["activity_date"]) < pd.Timestamp(TODAY)
    return float((~tasks["is_deleted"] & ~tasks["is_closed"] & late).sum())


def csat(raw: Raw, period: Between) -> float:
    surveys = raw("helpdesk.surveys")
    given = surveys[(surveys["kind"] == "csat") & surveys["answered_at"].notna()]
    return float((given.loc[period(local_day(given["answered_at"])), "score"] >= 4).mean())


def nps(raw: Raw, period: Between) -> float:
    answers = raw("product.nps_responses")
    answers = answers[answers["answered_at"].notna()]
    scores = answers.loc[period(local_day(answers["answered_at"])), "score"]
    return float(100 * ((scores >= 9).mean() - (scores <= 6).mean()))


def leads_created(raw: Raw, period: Between) -> float:
    leads = raw("salesforce.lead")
    return float((~leads["is_deleted"] & period(local_day(leads["created_date"]))).sum())


def form_submissions(raw: Raw, period: Between) -> float:
    forms = raw("marketing.form_submissions")
    return float((~forms["is_spam"] & period(local_day(forms["submitted_at"]))).sum())

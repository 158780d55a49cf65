"""The demo as its users see it: every tab of every dashboard, by the login of its own audience."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from superset_crmkpi.bundle.cards import CHANGE, GOAL, QUESTION
from tests.browser.harness import TileResult, Walk, browser_page, login, walk
from tests.needs import need_chromium, need_superset

pytestmark = [pytest.mark.superset, pytest.mark.browser]
SCALE = 0.2
PORT = 18200 + os.getpid() % 1000  # another run on this machine has another
TODAY = date(2026, 3, 17)  # a small company, on a day when each work list has something in it
END = pd.Timestamp("2026-03-01")  # the dashboards open with the complete months before it
AUDIENCES = {
    "executive": "crm-executive",
    "pipeline": "crm-pipeline",
    "customer_health": "crm-customer-health",
    "campaigns": "crm-campaigns",
    "trust": "crm-trust",
}
NOTHING = re.compile(r"no data|no results|no rows|nothing to show", re.IGNORECASE)


@dataclass(frozen=True)
class Demo:
    url: str
    logins: dict[str, tuple[str, str]]  # audience -> (user, password)
    warehouse: Path


@pytest.fixture(scope="module")
def demo(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Demo]:
    """The demo, set up as `crmkpi demo` does and served on a port of its own."""
    need_superset()
    need_chromium()
    from crmkpi_demo.home import Home
    from crmkpi_demo.run import demo_bundle, fill_warehouse
    from crmkpi_demo.server import free_port, run_demo, start_server

    cache = request.config.cache
    assert cache is not None
    patch = pytest.MonkeyPatch()
    patch.setenv("CRMKPI_CACHE_DIR", str(cache.mkdir("crmkpi-superset")))
    info = run_demo(
        tmp_path_factory.mktemp("demo"),
        lambda path, report: fill_warehouse(path, SCALE, TODAY, report),
        lambda uri: demo_bundle(uri, TODAY),
        port=PORT,
        serve=False,
    )
    home = Home(Path(info.home))
    server = start_server(home, free_port(PORT))
    by_role = {user.username: (user.username, user.password) for user in info.logins}
    logins = {
        audience: next(pair for name, pair in by_role.items() if name.endswith(audience))
        for audience in AUDIENCES
    }
    yield Demo(server.url, logins, home.warehouse)
    server.stop()
    patch.undo()


@pytest.fixture(scope="module")
def walks(demo: Demo) -> dict[str, Walk]:
    """Audience -> what its user met on the way through its dashboard."""
    folder = os.environ.get("CRMKPI_SCREENSHOTS")
    met = {}
    for audience, slug in AUDIENCES.items():
        with browser_page() as page:
            login(page, demo.url, *demo.logins[audience])
            met[audience] = walk(page, demo.url, slug, Path(folder) if folder else None)
    return met


@pytest.mark.parametrize("audience", AUDIENCES)
def test_each_audience_sees_every_tile_of_its_dashboard_filled(
    walks: dict[str, Walk], audience: str
) -> None:
    met = walks[audience]
    assert len(met.tiles) >= 10
    without = [
        (tile.tab, tile.title, tile.kind, tile.error or tile.text)
        for tile in met.tiles
        if not tile.has_content or (tile.kind == "text" and NOTHING.search(tile.text))
    ]
    assert without == []
    assert met.toasts == []
    assert met.failed_requests == []


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_table_on_screen_has_the_rows_the_server_gave(
    walks: dict[str, Walk], audience: str
) -> None:
    met = walks[audience]
    tables = [tile for tile in met.tiles if tile.viz_type == "table" and tile.chart_id in met.data]
    for tile in tables:
        given = len(met.data[tile.chart_id][0])
        assert tile.rows == given or (tile.rows >= 10 and given > tile.rows), tile.title


# -- numbers shown, against pandas over the raw tables ---------------------------------------------


Between = Callable[[pd.Series], pd.Series]


class Raw:
    """The demo's raw tables as frames."""

    def __init__(self, path: Path) -> None:
        self.connection = duckdb.connect(str(path), read_only=True)

    def __call__(self, table: str) -> pd.DataFrame:
        schema, name = table.split(".")
        return self.connection.execute(f'select * from {schema}."{name}"').df()


@pytest.fixture(scope="module")
def raw(demo: Demo) -> Iterator[Raw]:
    tables = Raw(demo.warehouse)
    yield tables
    tables.connection.close()


def is_card(rows: list[dict[str, Any]]) -> bool:
    return bool(rows) and QUESTION in rows[0]


def value_of(row: dict[str, Any]) -> tuple[pd.Timestamp | None, str, float | None]:
    """Period, metric and number of a row of a card: the time, in milliseconds, comes first."""
    found = [(name, value) for name, value in row.items() if name not in (CHANGE, GOAL, QUESTION)]
    start = pd.Timestamp(found[0][1], unit="ms") if len(found) > 1 else None
    metric, value = found[-1]
    return start, metric, value


def shown(met: Walk, metric: str) -> tuple[TileResult, float, Between]:
    """The card of a metric: the tile, the newest number the server gave for it, its period."""
    for tile in met.tiles:
        rows = (met.data.get(tile.chart_id) or [[]])[0]
        if is_card(rows) and metric in rows[0]:
            start, _, value = value_of(rows[0])
            assert value is not None, tile.title
            return tile, float(value), between(start)
    raise AssertionError(f"no card of {metric}")


def between(start: pd.Timestamp | None) -> Between:
    """Which days are in the last period of a trend: from its start to the end of all months."""
    return lambda days: (days >= start) & (days < END)


#: the period that stands above the number of a trend: `Oct 2026`, `30 Oct 2026`, `2026`
PERIOD = re.compile(r"\A((\d\d )?[A-Z][a-z]{2} )?20\d\d\n")


def number(text: str) -> tuple[float, float]:
    """The first number of a tile (`23.4%`, `1.2k`, `12,345`), and half its last place."""
    alone = PERIOD.sub("", text).replace("\u2212", "-")
    found = re.search(r"([-+]?[\d,]*\.?\d+)\s*([%kMGB]?)", alone)
    assert found, text
    factor = {"%": 0.01, "k": 1e3, "M": 1e6, "G": 1e9, "B": 1e9}.get(found[2], 1.0)
    decimals = len(found[1].partition(".")[2])
    return float(found[1].replace(",", "")) * factor, 0.5001 * factor / 10**decimals


def local_day(times: pd.Series) -> pd.Series:
    """The day in the reporting time zone of naive UTC times."""
    local = pd.to_datetime(times).dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin")
    return local.dt.tz_localize(None).dt.normalize()


def win_rate(raw: Raw, period: Between) -> float:
    deals = raw("salesforce.opportunity")
    closed = deals[~deals["is_deleted"] & deals["is_closed"]]
    return float(closed.loc[period(pd.to_datetime(closed["close_date"])), "is_won"].mean())


def lost_deals(raw: Raw, period: Between) -> float:
    deals = raw("salesforce.opportunity")
    lost = deals[~deals["is_deleted"] & deals["is_closed"] & ~deals["is_won"]]
    return float(period(pd.to_datetime(lost["close_date"])).sum())


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


NUMBERS = {
    ("executive", "win_rate"): win_rate,
    ("pipeline", "win_rate"): win_rate,
    ("pipeline", "lost_deals"): lost_deals,
    ("pipeline", "overdue_tasks"): overdue_tasks,
    ("customer_health", "csat"): csat,
    ("customer_health", "nps"): nps,
    ("campaigns", "leads_created"): leads_created,
    ("campaigns", "form_submissions"): form_submissions,
}


@pytest.mark.parametrize(("audience", "metric"), NUMBERS, ids=["-".join(pair) for pair in NUMBERS])
def test_a_number_on_screen_is_that_of_pandas_over_the_raw_tables(
    walks: dict[str, Walk], raw: Raw, audience: str, metric: str
) -> None:
    tile, given, period = shown(walks[audience], metric)
    expected = NUMBERS[audience, metric](raw, period)
    assert given == pytest.approx(expected), tile.title
    printed, tolerance = number(tile.text)
    assert abs(printed - expected) <= tolerance, tile.text


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_card_on_screen_says_what_the_server_gave(
    walks: dict[str, Walk], audience: str
) -> None:
    met, compared = walks[audience], 0
    for tile in met.tiles:
        rows = (met.data.get(tile.chart_id) or [[]])[0]
        if not is_card(rows):
            continue
        start, _, value = value_of(rows[0])
        if isinstance(value, str):  # a sentence, in place of number and question
            assert value in tile.text, tile.title
            compared += 1
            continue
        for part in (CHANGE, GOAL, QUESTION):
            text = unescape(re.sub("<[^>]+>", "", rows[0].get(part) or ""))
            assert text in tile.text, (tile.title, part)
        if value is None:
            continue
        printed, tolerance = number(tile.text)
        assert abs(printed - value) <= tolerance, (tile.title, tile.text, value)
        if start is not None:
            assert tile.text.startswith(f"{start:%b %Y}"), tile.title
        compared += 1
    assert compared >= 2

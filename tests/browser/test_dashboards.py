"""The demo as its users see it: every tab of every dashboard, by the login of its own audience."""

from __future__ import annotations

import os
import re
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from superset_crmkpi.bundle.cards import CHANGE, GOAL, QUESTION
from tests.browser.by_pandas import (
    END,
    Between,
    Raw,
    csat,
    form_submissions,
    leads_created,
    lost_deals,
    nps,
    overdue_tasks,
    win_rate,
)
from tests.browser.harness import TileResult, Walk, browser_page, login, walk
from tests.browser.serving import AUDIENCES, Served
from tests.seeds import in_turn, turn

#: two audiences a day, each at both widths within ten days
TODAYS = in_turn(list(AUDIENCES), 2)
pytestmark = [
    pytest.mark.superset,
    pytest.mark.browser,
    turn("audience", list(AUDIENCES), 2),
]
NOTHING = re.compile(r"no data|no results|no rows|nothing to show", re.IGNORECASE)


@pytest.fixture(scope="module")
def walks(demo: Served) -> dict[str, Walk]:
    """Audience -> what its user met on the way through its dashboard."""
    folder = os.environ.get("CRMKPI_SCREENSHOTS")
    met = {}
    for audience in TODAYS:
        with browser_page() as page:
            login(page, demo.url, *demo.of(audience))
            shots = Path(folder) if folder else None
            met[audience] = walk(page, demo.url, AUDIENCES[audience], shots)
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


@pytest.mark.parametrize("audience", AUDIENCES)
def test_no_text_is_cut_lies_on_another_or_is_too_small_to_read(
    walks: dict[str, Walk], audience: str
) -> None:
    assert [str(one) for one in walks[audience].unreadable] == []


# -- numbers shown, against pandas over the raw tables ---------------------------------------------


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

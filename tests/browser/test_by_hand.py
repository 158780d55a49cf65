"""What a person does: choose in a filter, click on a name, look behind a number, open a record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from tests.browser.by_pandas import END, Raw, closed, lost
from tests.browser.harness import TABS, TILE, browser_page, login, open_dashboard, settle
from tests.browser.serving import AUDIENCES, Served
from tests.seeds import by_turns, in_turn, turn

pytestmark = [pytest.mark.superset, pytest.mark.browser]
WINS, TEAM = "Review: wins, losses, leads", "Review: team and activity"
APPLY = "[data-test='filter-bar__apply-button']"
CRM = "https://crm.example.com"
#: one a day
TODAYS = in_turn(["filter", "click", "rows"])


@pytest.fixture
def page(demo: Served) -> Iterator[Any]:
    """The pipeline dashboard, opened by its own user."""
    with browser_page() as opened:
        login(opened, demo.url, *demo.of("pipeline"))
        open_dashboard(opened, demo.url, AUDIENCES["pipeline"])
        yield opened


def owners(raw: Raw) -> dict[str, int]:
    """Who lost deals in the last complete month, and how many; the most first."""
    deals = lost(raw)
    last = deals[(deals["day"] >= END - pd.DateOffset(months=1)) & (deals["day"] < END)]
    counts = last["owner"].value_counts()
    assert len(counts) > 1
    assert counts.sum() > counts.iloc[0]
    return {str(owner): int(count) for owner, count in counts.items()}


def tab(page: Any, title: str) -> None:
    page.locator(TABS, has_text=title).click()
    settle(page)


def lost_of_last_month(page: Any) -> int:
    """The number of the card `Lost deals`, on its tab."""
    tab(page, WINS)
    text = page.locator(TILE, has_text="Lost deals").first.inner_text()
    found = re.search(r"Feb 2026\s+(\d+)", text)
    assert found, text
    return int(found[1])


def menu(page: Any, title: str) -> list[str]:
    """Opens what a tile can do; its entries."""
    tile = page.locator(TILE, has_text=title).first
    tile.locator("[id^='slice_'][id$='-controls'], [aria-label='More Options']").first.click()
    items = page.locator("[role='menuitem']:visible")
    items.filter(has_text="Force refresh").wait_for()
    return [item.inner_text() for item in items.all()]


@pytest.mark.turn(lambda _: "filter" in TODAYS)
def test_a_filter_by_owner_gives_the_owners_numbers_and_stays_in_the_address(
    page: Any, raw: Raw
) -> None:
    counts = owners(raw)
    assert lost_of_last_month(page) == sum(counts.values())
    owner, expected = next(iter(counts.items()))
    names = [one.inner_text() for one in page.locator("[data-test='filter-control-name']").all()]
    select = page.locator("[data-test='form-item-value']").nth(names.index("Owner"))
    select.locator(".ant-select").first.click()
    page.locator(".ant-select-item-option", has_text=owner).first.click()
    page.keyboard.press("Escape")
    page.locator(APPLY).click()
    settle(page)
    assert lost_of_last_month(page) == expected
    assert "native_filters_key=" in page.url
    page.reload()
    settle(page)
    assert lost_of_last_month(page) == expected


@pytest.mark.turn(lambda _: "click" in TODAYS)
def test_a_click_on_a_name_filters_the_other_tiles(page: Any, raw: Raw) -> None:
    owner, expected = list(owners(raw).items())[1]
    tab(page, TEAM)
    table = page.locator(TILE, has_text="Activity by owner").first
    table.locator("td", has_text=owner).first.click()
    settle(page)
    assert lost_of_last_month(page) == expected


@pytest.mark.turn(lambda _: "rows" in TODAYS)
def test_behind_a_number_stand_the_records_that_it_is_computed_of(page: Any, raw: Raw) -> None:
    """A KPI may count some of them: those that were won stand there as well."""
    days = closed(raw)["day"]
    expected = int(((days >= END - pd.DateOffset(months=12)) & (days < END)).sum())
    tab(page, WINS)
    assert any("Drill to detail" in entry for entry in menu(page, "Lost deals by reason"))
    with page.expect_response(re.compile("/datasource/samples")) as answered:
        page.locator("[role='menuitem']:visible", has_text="Drill to detail").first.click()
    told = answered.value.json()["result"]
    assert told["total_count"] == expected
    dialog = page.locator(".ant-modal-content, [role='dialog']").last
    dialog.get_by_text(f"{expected} rows").first.wait_for()


@turn("audience", list(AUDIENCES), usual=2)
@pytest.mark.parametrize("audience", AUDIENCES)
def test_each_audience_may_look_behind_its_numbers(demo: Served, audience: str) -> None:
    with browser_page() as opened:
        login(opened, demo.url, *demo.of(audience))
        open_dashboard(opened, demo.url, AUDIENCES[audience])
        title = opened.locator(f"{TILE}:visible").first.inner_text().splitlines()[0]
        assert any("Drill to detail" in entry for entry in menu(opened, title))


@by_turns(2)
def test_a_record_opens_in_the_crm_in_a_tab_of_its_own(page: Any) -> None:
    page.context.route(f"{CRM}/**", lambda route: route.fulfill(body="the record"))
    link = page.locator("table a", has_text="Open").first
    address = link.get_attribute("href")
    with page.expect_popup() as opened:
        link.click()
    record = opened.value
    record.wait_for_load_state()
    assert record.url == address
    assert re.fullmatch(rf"{CRM}/lightning/r/\w+/\w+/view", address)
    assert record.inner_text("body") == "the record"
    assert record.evaluate("window.opener") is None

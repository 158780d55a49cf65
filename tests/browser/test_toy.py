"""The harness itself, on a small dashboard whose numbers are known."""

from __future__ import annotations

import pytest

from tests.browser.harness import browser_page, login, walk
from tests.superset import toy

pytestmark = [pytest.mark.superset, pytest.mark.browser]


def test_an_executive_sees_every_tile_of_every_tab_filled(toy_demo, tmp_path):
    with browser_page() as page:
        login(page, toy_demo.url, *toy_demo.of("executive"))
        met = walk(page, toy_demo.url, "crmkpi-toy", tmp_path / "shots")

    tiles = {tile.title: tile for tile in met.tiles}
    assert {title: tile.tab for title, tile in tiles.items()} == {
        "Total amount": "Overview",
        "By region": "Overview",
        "Amount per month": "Trend",
    }
    assert all(tile.has_content for tile in met.tiles), met.tiles
    assert f"{toy.TOTAL_AMOUNT:,.0f}" in tiles["Total amount"].text
    assert tiles["By region"].kind == "table"
    assert tiles["By region"].rows == 4
    assert tiles["Amount per month"].kind == "canvas"
    (totals,) = met.data[tiles["Total amount"].chart_id]
    assert totals == [{"total_amount": toy.TOTAL_AMOUNT}]
    assert any("Call the West" in text for text in met.markdown)
    assert met.toasts == []
    assert met.failed_requests == []
    assert [path.exists() for path in met.screenshots] == [True, True]


def test_a_tile_with_an_error_and_one_without_data_are_not_taken_for_content(toy_demo, tmp_path):
    with browser_page() as page:
        login(page, toy_demo.url, *toy_demo.of("executive"))
        met = walk(page, toy_demo.url, "crmkpi-toy-broken", tmp_path / "shots")

    tiles = {tile.title: tile for tile in met.tiles}
    assert set(tiles) == {"Fails on real rows", "Nothing there"}
    assert "Conversion" in tiles["Fails on real rows"].error
    assert not any(tile.has_content for tile in met.tiles), met.tiles
    assert any("chart/data" in request for request in met.failed_requests)

"""A list in Superset answers with links to the records, as its table chart takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.project import Project
from superset_crmkpi.warehouse.load import load_files
from tests.anchors import address
from tests.browser.harness import browser_page, login
from tests.seeds import by_turns, within
from tests.superset.conftest import READER_PASSWORD

#: one installation for both
pytestmark = [pytest.mark.superset, by_turns(2, 1)]
BASE = "https://acme.lightning.force.com"
FIXTURES = Path(__file__).parents[2] / "plugins" / "crmkpi-salesforce" / "fixtures" / "fivetran"


@pytest.fixture
def viewer(installer: Any, tmp_path: Path) -> Any:
    """Who sees the dashboard of the pipeline over Salesforce's fixtures."""
    uri = f"duckdb:///{tmp_path / 'warehouse.duckdb'}"
    engine = sa.create_engine(uri, future=True, poolclass=sa.pool.NullPool)
    load_files(engine, "raw", sorted(FIXTURES.glob("*.csv")))
    source = {"connector": "salesforce", "landing": "fivetran", "schema": "raw"}
    given = {"database": {"name": "W"}, "sources": {"crm": {**source, "record_base": BASE}}}
    project = Project(Profile.model_validate(given), engine)
    project.dashboards = [board for board in project.dashboards if board.audience == "pipeline"]
    return installer(project.bundle(uri=uri))


def test_superset_answers_a_list_with_the_address_of_each_record(viewer: Any) -> None:
    """Of some lists a day; all of them within three."""
    (board,) = viewer.boards()
    lists = [tile for tile in board.tiles if tile.params.get("query_mode") == "raw"]
    # an email that nobody answered is no record with a page
    records = [tile for tile in lists if "emails_sent" not in tile.params["all_columns"]]
    assert len(records) >= 4
    found = set()
    for tile in records:
        assert tile.params["all_columns"][0] == "record_link"
        assert tile.params["allow_render_html"]
    for tile in within(3, records):
        found |= {address(row["record_link"]) for row in viewer.tile(tile)}
    kinds = {link.rsplit("/", 3)[1] for link in found if link.startswith(BASE)}
    assert kinds & {"Opportunity", "Lead", "Account"}
    assert all(link.endswith("/view") for link in found - {""})


@pytest.mark.browser
def test_a_list_in_the_browser_has_links_that_open_a_tab_of_their_own(
    viewer: Any, superset_url: str
) -> None:
    (board,) = viewer.get("dashboard/?q=(page_size:100)")
    with browser_page() as page:
        login(page, superset_url, "reader", READER_PASSWORD)
        page.goto(f"{superset_url}/superset/dashboard/{board['id']}/", timeout=120_000)
        links = page.locator("table a", has_text="Open")
        links.first.wait_for(timeout=120_000)
        assert links.first.inner_text() == "Open"
        found = {(a.get_attribute("href"), a.get_attribute("target")) for a in links.all()}
        heads = page.locator("table th", has_text="Record").count()
    assert heads
    assert {target for _, target in found} == {"_blank"}
    assert all(href.startswith(f"{BASE}/lightning/r/") for href, _ in found)

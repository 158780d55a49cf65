"""With half of the sources taken away every dashboard opens, and says what to connect."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from crmkpi_demo.company import generate, write
from crmkpi_demo.run import demo_profile

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.installer.validate import check
from superset_crmkpi.project.build import build
from superset_crmkpi.project.project import Project
from superset_crmkpi.project.trial import not_running
from tests.seeds import by_turns
from tests.warehouses import duckdb

TODAY = date(2026, 3, 18)
#: no tickets, no campaigns, no forecasts, no trainings; and nobody kept what was changed
SOURCES = ("helpdesk", "marketing", "planning", "academy")
TABLES = ("campaign", "campaign_member", "opportunity_history", "lead_history")
#: what a reason names: a system to connect, an entity or column to map, a setting to write
REMEDY = re.compile(r"connect a|map `\w+`|does not map|sync it|`settings: \{")


@pytest.fixture(scope="module")
def half(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The demo company of which half is there, built."""
    for engine in duckdb(tmp_path_factory.mktemp("half")):
        tables = {
            name: frame
            for name, frame in generate(scale=0.02, seed=7, today=TODAY).items()
            if name.split(".")[0] not in SOURCES and name.split(".")[1] not in TABLES
        }
        write(tables, engine)
        profile = demo_profile(TODAY)
        kept = {name: one for name, one in profile.sources.items() if name not in SOURCES}
        project = Project(profile.model_copy(update={"sources": kept}), engine)
        build(project)
        yield project


@pytest.fixture(scope="module")
def bundle(half: Project) -> Bundle:
    return half.bundle(uri="duckdb:///:memory:")


def texts(board: dict[str, Any]) -> list[str]:
    boxes = [box for box in board["position"].values() if isinstance(box, dict)]
    return [box["meta"]["code"] for box in boxes if box.get("type") == "MARKDOWN"]


@by_turns(2)
def test_all_that_is_drawn_can_be_asked(half: Project, bundle: Bundle) -> None:
    assert check(bundle) == []
    assert not_running(half, bundle) == []
    assert len(list(bundle.of("dashboards"))) == 5
    assert len(list(bundle.of("charts"))) > 60


def test_each_tile_that_lost_its_data_says_what_to_connect(half: Project, bundle: Bundle) -> None:
    coverage = half.coverage.kpis
    made = {str(board["slug"]): texts(dict(board)) for _, board in bundle.of("dashboards")}
    lost = 0
    for board in half.dashboards:
        for tile in board.tiles:
            lacking = [coverage[name] for name in tile.kpi if not coverage[name].available]
            if tile.text is not None or not lacking:
                continue
            lost += 1
            told = [text for text in made[board.slug] if lacking[0].reason in text]
            assert told, (board.slug, tile.name)
            assert all("No data yet." in text and REMEDY.search(text) for text in told), told
    assert lost > 40


def test_what_is_still_there_is_drawn(half: Project, bundle: Bundle) -> None:
    titles = {str(chart["slice_name"]) for _, chart in bundle.of("charts")}
    assert {"Win rate", "Net retention (12 months)"} <= titles
    assert not {"Ticket volume", "Forecast accuracy"} & titles

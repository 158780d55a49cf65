"""`crmkpi bench` runs every tile of every dashboard and says what they took."""

from __future__ import annotations

import json

import pytest

from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.cli import main
from superset_crmkpi.dashboards.spec import load_dashboards


def test_each_dashboard_is_timed_with_all_its_tiles(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["bench", "--scale", "0.02"]  # live facts are compiled too, for the raw scan
    main([*arguments, "--format", "json"], standalone_mode=False)

    results = json.loads(capsys.readouterr().out)
    tiles = {
        board.title: sum(tile.text is None for tile in board.tiles)
        for board in load_dashboards(load_catalog())
    }
    assert {(r["mode"], r["dashboard"]): r["queries"] for r in results} == {
        ("built", title): number for title, number in tiles.items()
    }
    for result in results:
        assert 0 < result["slowest_seconds"] <= result["seconds"]
        assert result["ratio"] == result["seconds"] / result["scan_seconds"]

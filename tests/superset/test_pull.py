"""What a real Superset exports is what the specs make, until somebody changes it in its pages."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.bundle.target import database_asset
from superset_crmkpi.pull.export import read_export
from superset_crmkpi.pull.pulled import PulledBoard, pull
from tests.pulling import Page, arranged, assets, board_of, making, spec, tile
from tests.superset.conftest import ADMIN_PASSWORD
from tests.superset.people import Admin

pytestmark = pytest.mark.superset
SLUG = "crm-executive"


def test_what_people_change_in_superset_comes_back(superset_app: Any, tmp_path: Path) -> None:
    page = Page(making(), SLUG)
    database = database_asset(replace(page.made.target, uri="duckdb:///:memory:"))
    made = {**assets(page.made, spec(page.made, SLUG)), **database}
    Bundle(made).for_people().write_zip(tmp_path / "crm.zip")
    admin = Admin(superset_app, "admin", ADMIN_PASSWORD)
    admin.import_zip(tmp_path / "crm.zip")
    (number,) = [board["id"] for board in admin.get("dashboard/")]

    def exported() -> PulledBoard:
        answer = admin.client.get(f"/api/v1/dashboard/export/?q=!({number})", headers=admin.headers)
        (tmp_path / "export.zip").write_bytes(answer.data)
        (board,) = pull(read_export(tmp_path / "export.zip"), page.made).boards
        return board

    board = exported()
    assert (board.taken, board.not_taken, board.refused) == ((), (), "")

    # a chart's name in its properties, and a width in the layout
    charts = {one["slice_name"]: one["id"] for one in admin.get(f"dashboard/{number}/charts")}
    admin.send("put", f"chart/{charts['Win rate']}", {"slice_name": "Deals won"})
    stored = admin.get(f"dashboard/{number}")
    nodes = json.loads(stored["position_json"])
    nodes[page.box("win_rate_trend")]["meta"]["width"] = 5
    nodes[page.box("ltv_cac_ratio_trend")]["meta"]["width"] = 1
    metadata = {**json.loads(stored["json_metadata"]), "positions": nodes}
    admin.send("put", f"dashboard/{number}", {"json_metadata": json.dumps(metadata)})

    board = exported()
    assert [str(change) for change in board.taken] == [
        "win_rate_trend: title: nothing -> Deals won",
        "win_rate_trend: width: 3 -> 5",
        "ltv_cac_ratio_trend: width: 3 -> 1",
    ]
    assert (board.not_taken, board.refused) == ((), "")
    assert tile(board.changed, "win_rate_trend").title == "Deals won"
    page.meta(page.box("win_rate_trend"))["width"] = 5
    page.meta(page.box("ltv_cac_ratio_trend"))["width"] = 1
    assert arranged(board_of(assets(page.made, board.changed))) == arranged(page.board)

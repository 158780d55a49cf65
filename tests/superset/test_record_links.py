"""A list in Superset answers with links to the records, as its table chart takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.project import Project
from tests.anchors import address
from tests.superset import small_company

pytestmark = pytest.mark.superset
BASE = "https://crm.example.com"
PAGES = {"opportunity": "{base}/deals/{id}"}


def test_superset_answers_a_list_with_the_address_of_each_record(
    installer: Any, tmp_path: Path
) -> None:
    file = tmp_path / "mini.duckdb"
    small_company.fill(file, [("open", 3, None), ("won", 1, "2026-02-10")])
    given = {key: value for key, value in small_company.PROFILE.items() if key != "alerts"}
    source = {**given["sources"]["crm"], "record_base": BASE, "record_pages": PAGES}
    uri = f"duckdb:///{file}?access_mode=read_only"
    engine = sa.create_engine(uri, future=True, poolclass=sa.pool.NullPool)
    project = Project(Profile.model_validate({**given, "sources": {"crm": source}}), engine)
    project.dashboards = [board for board in project.dashboards if board.audience == "pipeline"]
    viewer = installer(project.bundle(uri=uri))
    (board,) = viewer.boards()
    lists = [t for t in board.tiles if "record_link" in t.params.get("all_columns", ())]
    assert lists
    found = set()
    for tile in lists:
        assert tile.params["allow_render_html"]
        found |= {address(row["record_link"]) for row in viewer.tile(tile)}
    assert {f"{BASE}/deals/openNone{n}" for n in range(3)} <= found

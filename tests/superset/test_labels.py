"""Superset groups, sorts and filters by labels, and computes on what is stored."""

from __future__ import annotations

from typing import Any

import pytest

from superset_crmkpi.bundle.assets import Bundle
from tests.superset import small_company as company
from tests.superset.asking import Viewer, query_of
from tests.superset.saved_queries import difference

pytestmark = pytest.mark.superset
STATUS, SIZE = "status__label", "deal_size__label"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    path = tmp_path_factory.mktemp("labels") / "mini.duckdb"
    company.fill(path, [*company.BAD, ("open", 3, None)])
    made = company.project(path, "pipeline")
    return made.bundle(uri=f"duckdb:///{path}?access_mode=read_only")


@pytest.fixture(scope="module")
def viewer(installer: Any, bundle: Bundle) -> Viewer:
    found: Viewer = installer(bundle)
    return found


def asked(viewer: Viewer, columns: list[str], **where: Any) -> list[dict[str, Any]]:
    filters = [{"col": name, "op": "IN", "val": value} for name, value in where.items()]
    query = {"columns": columns, "metrics": ["won_deals", "open_deals"], "filters": filters}
    return viewer.data(viewer.dataset_of("opportunities"), {**query, "row_limit": 100})


def test_a_grouping_shows_labels(viewer: Viewer) -> None:
    found = {row[STATUS]: row for row in asked(viewer, [STATUS])}
    assert set(found) == {"Won", "Lost", "Open"}
    assert (found["Won"]["won_deals"], found["Open"]["open_deals"]) == (9, 3)
    flags = {row["is_open__label"]: row["open_deals"] for row in asked(viewer, ["is_open__label"])}
    assert flags == {"Yes": 3, "No": 0}


@pytest.mark.parametrize(("code", "label"), [("won", "Won"), ("lost", "Lost"), ("open", "Open")])
def test_a_filter_by_label_filters_the_rows_of_the_code(
    viewer: Viewer, code: str, label: str
) -> None:
    listed = {"columns": ["opportunity_id"], "row_limit": 100}
    dataset = viewer.dataset_of("opportunities")
    ids = [
        {row["opportunity_id"] for row in viewer.data(dataset, {**listed, "filters": [chosen]})}
        for chosen in (
            {"col": "status", "op": "IN", "val": [code]},
            {"col": STATUS, "op": "IN", "val": [label]},
        )
    ]
    assert ids[0] == ids[1] != set()


def test_each_tile_answers_as_its_saved_query_does(viewer: Viewer) -> None:
    tiles = [tile for board in viewer.boards() for tile in board.tiles]
    by_label = [tile for tile in tiles if "__label" in str(tile.params)]
    assert by_label
    for tile in by_label:
        assert difference(viewer, tile) == "", tile.title


def test_an_axis_of_labels_is_asked_for_as_one(viewer: Viewer) -> None:
    tiles = [tile for board in viewer.boards() for tile in board.tiles]
    (sizes,) = [tile for tile in tiles if tile.params.get("x_axis") == SIZE]
    rows = viewer.data(sizes.dataset, query_of(sizes.params, None))
    assert [row[SIZE] for row in rows] == ["1 Small"]


def test_a_filter_offers_labels(viewer: Viewer, bundle: Bundle) -> None:
    (segments,) = [n for name, n in viewer.datasets().items() if name.endswith("s_segment")]
    rows = viewer.data(segments, {"columns": ["segment__label"], "row_limit": 100})
    assert rows == [{"segment__label": "(none)"}]


def test_a_table_is_sorted_by_a_label_it_groups_by(viewer: Viewer) -> None:
    least = {
        "expressionType": "SIMPLE",
        "column": {"column_name": STATUS},
        "aggregate": "MIN",
        "label": "least",
    }
    query = {"columns": [STATUS], "metrics": ["won_deals"], "orderby": [[least, False]]}
    rows = viewer.data(viewer.dataset_of("opportunities"), {**query, "row_limit": 100})
    assert [row[STATUS] for row in rows] == ["Won", "Open", "Lost"]


def test_drilling_to_the_rows_shows_the_label_beside_what_is_stored(viewer: Viewer) -> None:
    body = {
        "datasource": {"id": viewer.dataset_of("opportunities"), "type": "table"},
        "queries": [{"filters": [{"col": STATUS, "op": "IN", "val": ["Lost"]}], "row_limit": 5}],
        "result_format": "json",
        "result_type": "drill_detail",
    }
    answer = viewer.client.post("/api/v1/chart/data", json=body, headers=viewer.headers)
    assert answer.status_code == 200, answer.text[:500]
    (result,) = answer.json["result"]
    assert {(row[STATUS], row["status"]) for row in result["data"]} == {("Lost", "lost")}

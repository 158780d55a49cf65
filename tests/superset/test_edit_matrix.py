"""Some fifty kinds of edits by Superset's own API, and what may come after them: none is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.bundle.query_context import query_context
from superset_crmkpi.installer.apply import apply
from superset_crmkpi.superset.inprocess import open_gateway
from tests.seeds import in_turn
from tests.superset import toy
from tests.superset.conftest import ADMIN_PASSWORD
from tests.superset.edit_kinds import EDITS
from tests.superset.people import Admin

pytestmark = pytest.mark.superset

CHART, BOARD, DATASET = "charts/{}.yaml", "dashboards/toy.yaml", "datasets/toy/deals.yaml"
Trigger = Callable[[Bundle, Admin], Bundle]


def a_threshold_changed(bundle: Bundle, _: Admin) -> Bundle:
    """The profile has another threshold: texts of the metric and of its charts say it."""
    assets = deepcopy(dict(bundle.assets))
    assets[DATASET]["metrics"][-2]["description"] = "Warning below 25%."
    for name in ("table", "bar"):
        assets[CHART.format(name)]["description"] = "Warning below 25%."
    return replace(bundle, assets=assets)


def the_product_upgraded(bundle: Bundle, _: Admin) -> Bundle:
    """Something is new in every asset."""
    assets = deepcopy(dict(bundle.assets))
    for name in ("total", "table", "bar"):
        chart = assets[CHART.format(name)]
        chart["params"]["new_in_this_version"] = True
        chart["query_context"] = query_context(chart["params"])
    board = assets[BOARD]
    board["position"]["CHART-bar"]["meta"]["height"] = 61
    board["metadata"]["chart_configuration"] = {}
    board["description"] = "Newer"
    assets[DATASET] |= {"sql": f"{toy.SQL}  and deal_id >= 0\n"}
    assets[DATASET]["metrics"].append(toy.metric("average", "AVG(amount)"))
    assets["databases/toy.yaml"]["sqlalchemy_uri"] = assets["databases/toy.yaml"][
        "sqlalchemy_uri"
    ].replace("read_only", "READ_ONLY")
    return replace(bundle, assets=assets)


def our_chart_deleted(bundle: Bundle, admin: Admin) -> Bundle:
    """An admin deleted one of our charts (one on which nothing was edited) and reinstalls."""
    admin.send("delete", f"chart/{admin.number('chart', 'more')}")
    return toy.changed(bundle, BOARD, description="Newer")


@pytest.fixture
def bundle(warehouse_uri: str) -> Bundle:
    """The toy with two charts more, and a metric that is taken out."""
    base = toy.bundle(warehouse_uri)
    assets = deepcopy(dict(base.assets))
    assets[CHART.format("more")] = toy.chart("more", "More", "big_number_total", metric="win_rate")
    assets[CHART.format("spare")] = toy.chart("spare", "Spare", "pie", metric="win_rate")
    position = assets[BOARD]["position"]
    above = position["CHART-total"]["parents"]
    position["ROW-1"]["children"] += ["CHART-more", "CHART-spare"]
    position["CHART-more"] = toy.tile(4, "more", "More", above)
    position["CHART-spare"] = toy.tile(5, "spare", "Spare", above)
    assets[DATASET]["metrics"].insert(0, toy.metric("deal_count_twice", "2 * COUNT(*)"))
    return replace(base, assets=assets)


TRIGGERS = [a_threshold_changed, the_product_upgraded, our_chart_deleted]


@pytest.mark.turn(lambda given: given["trigger"] in in_turn(TRIGGERS))
@pytest.mark.parametrize("trigger", TRIGGERS)
def test_no_edit_is_lost(superset_app: Any, bundle: Bundle, trigger: Trigger) -> None:
    with open_gateway(superset_app) as gateway:
        apply(bundle, gateway)
    admin = Admin(superset_app, "admin", ADMIN_PASSWORD)
    made: dict[str, Any] = {}
    for edit in EDITS:
        before = edit.seen(admin)
        edit.do(admin)
        made[edit.name] = edit.seen(admin)
        assert made[edit.name] != before, f"{edit.name}: no change"
    made = {edit.name: edit.seen(admin) for edit in EDITS}  # one may have changed another's place

    newer = trigger(bundle, admin)
    with open_gateway(superset_app) as gateway:
        plan = apply(newer, gateway)
        assert plan.changes
        assert not apply(newer, gateway).changes
        newest = toy.changed(newer, BOARD, description="Newest")
        assert apply(newest, gateway).changes
    told = {str(one) for step in plan.steps if step.upgrade for one in step.upgrade.conflicts}
    left = {edit.name: edit.seen(admin) for edit in EDITS}
    lost = {name: (made[name], left[name]) for name in made if left[name] != made[name]}
    print(f"{trigger.__name__}: {len(EDITS)} edits, {len(lost)} lost, {len(told)} conflicts")
    assert lost == {}
    assert not told
    _charts_answer(admin)
    if trigger is the_product_upgraded:
        _new_is_there(admin)


def _charts_answer(admin: Admin) -> None:
    board = admin.board_named("dashboard")
    assert board.tiles
    for tile in board.tiles:
        assert admin.tile(tile), tile.title


def _new_is_there(admin: Admin) -> None:
    for name in ("total", "table", "bar"):
        assert json.loads(admin.read("chart", name)["params"])["new_in_this_version"]
    assert admin.parts()[0]["CHART-bar"]["meta"]["height"] == 61
    assert admin.item("metrics", "average")
    assert "deal_id >= 0" in admin.read("dataset", "dataset")["sql"]
    connection = admin.get(f"database/{admin.number('database', 'database')}/connection")
    assert "READ_ONLY" in connection["sqlalchemy_uri"]

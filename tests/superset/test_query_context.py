"""Each chart carries the query of its params, so Superset answers it without a browser."""

from __future__ import annotations

import json
from typing import Any

import pytest

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.bundle.query_context import asks_for, query_context
from superset_crmkpi.installer.apply import apply
from superset_crmkpi.installer.upgrade import upgrade
from superset_crmkpi.installer.validate import check
from tests.superset import toy
from tests.superset.saved_queries import difference

CHART = "charts/total.yaml"


def edited(gateway: Any, **params: Any) -> None:
    """As by Superset's API, which leaves the saved query as it is."""
    chart = gateway.read("chart", toy.uid("total"))
    chart["params"].update(params)
    with gateway.transaction():
        gateway.write({"charts/edited.yaml": chart})


def saved(gateway: Any) -> dict[str, Any]:
    context = gateway.read("chart", toy.uid("total"))["query_context"]
    return dict(json.loads(context))


@pytest.mark.superset
def test_every_chart_of_the_toy_answers_by_its_saved_query(
    installer: Any, warehouse_uri: str
) -> None:
    viewer = installer(toy.bundle(warehouse_uri))
    (board,) = viewer.boards()
    assert len(board.tiles) == 3
    for tile in board.tiles:
        assert difference(viewer, tile) == "", tile.title


@pytest.mark.superset
def test_a_saved_query_never_outlives_its_params(gateway: Any, warehouse_uri: str) -> None:
    """Ours changed, people's changed, and both: each time the saved query is of what is there."""
    base = toy.bundle(warehouse_uri)
    apply(base, gateway)
    assert saved(gateway)["datasource"]["id"] > 0
    newer = with_params(base, subheader="Sum")
    apply(newer, gateway)
    assert saved(gateway)["form_data"]["subheader"] == "Sum"

    edited(gateway, metric="deal_count")
    apply(with_params(newer, subheader="Sum", y_axis_format=",d"), gateway)
    asked = saved(gateway)
    assert asked["queries"][0]["metrics"] == ["deal_count"]
    assert asked["form_data"]["y_axis_format"] == ",d"

    edited(gateway, adhoc_filters=[{"expressionType": "SQL", "sqlExpression": "1=1"}])
    apply(with_params(newer, subheader="Total"), gateway)
    assert gateway.read("chart", toy.uid("total"))["query_context"] is None


@pytest.mark.superset
def test_the_saved_query_alone_is_no_edit(gateway: Any, warehouse_uri: str) -> None:
    """Superset saves it anew whenever somebody saves the chart."""
    base = toy.bundle(warehouse_uri)
    apply(base, gateway)
    chart = gateway.read("chart", toy.uid("total"))
    with gateway.transaction():
        gateway.write({"charts/edited.yaml": {**chart, "query_context": None}})
    newer = with_params(base, subheader="Sum")
    entry = gateway.state().ledger["chart", toy.uid("total")]
    exported = gateway.read("chart", toy.uid("total"))
    assert upgrade("chart", entry, exported, newer.assets[CHART]).remark() == ""
    apply(newer, gateway)
    assert saved(gateway)["form_data"]["subheader"] == "Sum"


def with_params(base: Bundle, **more: Any) -> Bundle:
    params = {**base.assets[CHART]["params"], **more}
    return toy.changed(base, CHART, params=params, query_context=query_context(params))


def test_a_query_of_other_params_is_refused() -> None:
    base = toy.bundle("duckdb:///toy.duckdb")
    other = {**base.assets[CHART]["params"], "metric": "deal_count"}
    wrong = toy.changed(base, CHART, query_context=query_context(other))
    assert check(wrong) == [
        f"{CHART}: query_context asks for other params; leave it out, or make it of these"
    ]


def test_what_only_the_frontend_can_ask_is_not_made_up() -> None:
    params = {"viz_type": "big_number_total", "metric": "deals"}
    assert query_context({**params, "viz_type": "pie"}) is None
    assert query_context({**params, "time_compare": ["1 year ago"]}) is None
    assert query_context({**params, "adhoc_filters": [{"expressionType": "SQL"}]}) is None
    made = query_context(params)
    assert made is not None
    assert asks_for(made, {**params, "datasource": "7__table"})
    assert not asks_for("no JSON", params)

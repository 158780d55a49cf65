"""What a new version does not bring any more goes, unless somebody needs it or has changed it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from superset_crmkpi.bundle.assets import Bundle, RoleGrant
from superset_crmkpi.installer.apply import apply
from superset_crmkpi.installer.steps import FORGET, KEEP, REMOVE
from superset_crmkpi.superset import access
from tests.superset import toy

pytestmark = pytest.mark.superset

BOARD, DATASET = "dashboards/toy.yaml", "datasets/toy/deals.yaml"
MORE = "crmkpi_toy_more"


@pytest.fixture
def newer(warehouse_uri: str) -> Bundle:
    """The toy, by a profile with a name."""
    return replace(toy.bundle(warehouse_uri), name="Toy")


@pytest.fixture
def bundle(newer: Bundle) -> Bundle:
    """The version before: with a chart, its dataset and a dashboard that the newer one lacks."""
    assets = dict(newer.assets)
    assets["datasets/toy/more.yaml"] = {
        **toy.dataset(),
        "table_name": MORE,
        "uuid": toy.uid("more data"),
    }
    assets["charts/more.yaml"] = {
        **toy.chart("more", "More", "big_number_total", metric="deal_count"),
        "dataset_uuid": toy.uid("more data"),
    }
    rows = ["ROOT_ID", "GRID_ID", "ROW-1"]
    assets["dashboards/more.yaml"] = {
        **toy.dashboard("crmkpi-toy-more"),
        "uuid": toy.uid("more board"),
        "dashboard_title": "More deals",
        "metadata": {},
        "position": {
            "DASHBOARD_VERSION_KEY": "v2",
            "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
            "GRID_ID": toy.box("GRID", "GRID_ID", ["ROW-1"], rows[:1]),
            "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": "More deals"}},
            "ROW-1": toy.box("ROW", "ROW-1", ["CHART-more"], rows[:2]),
            "CHART-more": toy.tile(1, "more", "More", rows),
        },
    }
    more = RoleGrant("Toy More", (toy.uid("more board"),), (toy.uid("more data"),))
    return replace(newer, assets=assets, roles=(*newer.roles, more))


def ended(plan: Any) -> dict[str, str]:
    return {step.name: step.action for step in plan.steps if step.action in (REMOVE, KEEP, FORGET)}


def reason(plan: Any, name: str) -> str:
    return str(next(step.reason for step in plan.steps if step.name == name))


def put(gateway: Any, path: str, content: dict[str, Any]) -> None:
    with gateway.transaction():
        gateway.write({path: content})


def names(gateway: Any) -> set[str]:
    return {thing.name for thing in gateway.state().found}


GONE = {"More deals", "More", MORE, "Toy More"}


def test_what_nobody_needs_is_removed_and_nothing_else(
    gateway: Any, bundle: Bundle, newer: Bundle
) -> None:
    apply(newer, gateway)
    alone = names(gateway)
    apply(bundle, gateway)
    assert names(gateway) == alone | GONE
    plan = apply(newer, gateway)
    assert ended(plan) == dict.fromkeys(GONE, REMOVE)
    assert names(gateway) == alone
    assert not apply(newer, gateway).changes


def test_another_profile_removes_nothing_of_this_one(
    gateway: Any, bundle: Bundle, newer: Bundle
) -> None:
    apply(bundle, gateway)
    before = names(gateway)
    assert not ended(apply(replace(newer, name="Other"), gateway))
    assert names(gateway) == before


def test_a_dataset_stays_where_somebody_made_a_chart_on_it(
    gateway: Any, bundle: Bundle, newer: Bundle
) -> None:
    apply(bundle, gateway)
    own = {**deepcopy(dict(bundle.assets["charts/more.yaml"])), "uuid": toy.uid("own")}
    put(gateway, "charts/own.yaml", {**own, "slice_name": "Our own"})
    plan = apply(newer, gateway)
    assert ended(plan) == {**dict.fromkeys(GONE, REMOVE), MORE: KEEP}
    assert reason(plan, MORE) == 'not in this version, but needed by chart "Our own"'
    assert {"Our own", MORE} <= names(gateway)
    gateway.delete("chart", toy.uid("own"))
    assert ended(apply(newer, gateway)) == {MORE: REMOVE}


def test_what_people_changed_stays_with_what_it_needs(
    gateway: Any, bundle: Bundle, newer: Bundle
) -> None:
    apply(bundle, gateway)
    board = gateway.read("dashboard", toy.uid("more board"))
    put(gateway, "dashboards/more.yaml", {**board, "css": ".header { color: red }"})
    plan = apply(newer, gateway)
    assert ended(plan) == {**dict.fromkeys(GONE, KEEP), "Toy More": REMOVE}
    assert reason(plan, "More deals") == "not in this version, but changed in Superset"
    assert reason(plan, MORE) == 'not in this version, but needed by chart "More"'


def test_a_role_that_somebody_has_stays(gateway: Any, bundle: Bundle, newer: Bundle) -> None:
    apply(bundle, gateway)
    access.ensure_user("viewer", "pass-of-viewer", "Viewer", ["Toy More"])
    plan = apply(newer, gateway)
    assert ended(plan)["Toy More"] == KEEP
    assert reason(plan, "Toy More") == 'not in this version, but needed by user "viewer"'


def test_what_people_deleted_before_is_forgotten(
    gateway: Any, bundle: Bundle, newer: Bundle
) -> None:
    apply(bundle, gateway)
    gateway.delete("dashboard", toy.uid("more board"))
    plan = apply(newer, gateway)
    assert ended(plan)["More deals"] == FORGET
    assert ("dashboard", toy.uid("more board")) not in gateway.state().ledger


# -- metrics ---------------------------------------------------------------------------------------


def without_metric(base: Bundle, name: str) -> Bundle:
    metrics = [m for m in base.assets[DATASET]["metrics"] if m["metric_name"] != name]
    return toy.changed(base, DATASET, metrics=metrics)


def metrics(gateway: Any) -> set[str]:
    content = gateway.read("dataset", toy.uid("dataset"))
    return {metric["metric_name"] for metric in content["metrics"]}


def test_a_metric_that_nobody_shows_is_removed(gateway: Any, newer: Bundle) -> None:
    apply(newer, gateway)
    apply(without_metric(newer, "deal_count"), gateway)
    assert metrics(gateway) == {"total_amount", "win_rate"}


@pytest.mark.parametrize("whose", ["a chart of their own", "our chart, with another metric"])
def test_a_metric_stays_while_a_chart_of_somebody_shows_it(
    gateway: Any, newer: Bundle, whose: str
) -> None:
    apply(newer, gateway)
    chart = gateway.read("chart", toy.uid("total"))
    chart["params"]["metric"] = "deal_count"
    if whose == "a chart of their own":
        chart |= {"uuid": toy.uid("own"), "slice_name": "Our own"}
    put(gateway, "charts/own.yaml", chart)

    older = without_metric(newer, "deal_count")
    plan = apply(older, gateway)
    title = chart["slice_name"]
    assert f'not in this version, but kept: deal_count for chart "{title}"' in reason(
        plan, "crmkpi_toy_deals"
    )
    assert metrics(gateway) == {"total_amount", "win_rate", "deal_count"}
    assert not apply(older, gateway).changes
    # the next version is told apart from it as from any metric of theirs
    apply(toy.changed(older, DATASET, description="another"), gateway)
    assert "deal_count" in metrics(gateway)


# -- columns ---------------------------------------------------------------------------------------


def test_a_column_goes_and_who_uses_it_is_told(gateway: Any, newer: Bundle) -> None:
    """It is nothing to be kept: a profile may have taken personal data out of the SQL."""
    apply(newer, gateway)
    chart = gateway.read("chart", toy.uid("total"))
    own = {"expressionType": "SQL", "clause": "WHERE", "sqlExpression": "deal_id > 5"}
    chart["params"]["adhoc_filters"] = [own]
    chart |= {"uuid": toy.uid("own"), "slice_name": "Our own"}
    board = gateway.read("dashboard", toy.uid("dashboard"))
    native = deepcopy(board["metadata"]["native_filter_configuration"][0])
    native |= {"id": "NATIVE_FILTER-own", "name": "Deal"}
    native["targets"][0]["column"]["name"] = "deal_id"
    board["metadata"]["native_filter_configuration"].append(native)
    data = gateway.read("dataset", toy.uid("dataset"))
    data["metrics"].append(toy.metric("deals_told", "COUNT(DISTINCT deal_id)"))
    for path, content in {"charts/own.yaml": chart, BOARD: board, DATASET: data}.items():
        put(gateway, path, content)

    columns = [c for c in newer.assets[DATASET]["columns"] if c["column_name"] != "deal_id"]
    plan = apply(toy.changed(newer, DATASET, columns=columns), gateway)
    users = f'chart "Our own", dashboard "{board["dashboard_title"]}", metric deals_told'
    assert f"columns gone that people use: deal_id for {users}" in reason(plan, "crmkpi_toy_deals")
    there = gateway.read("dataset", toy.uid("dataset"))["columns"]
    assert "deal_id" not in [column["column_name"] for column in there]
    assert not apply(toy.changed(newer, DATASET, columns=columns), gateway).changes

"""What people changed in Superset is there after an upgrade of ours, or is told; none is lost."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.bundle.query_context import query_context
from superset_crmkpi.installer.apply import apply
from superset_crmkpi.installer.plan import make_plan
from superset_crmkpi.installer.upgrade import comparable
from tests.superset import toy

pytestmark = pytest.mark.superset

CHART, BOARD, DATASET = "charts/total.yaml", "dashboards/toy.yaml", "datasets/toy/deals.yaml"
UUIDS = {
    "chart": toy.uid("total"),
    "dashboard": toy.uid("dashboard"),
    "dataset": toy.uid("dataset"),
    "alert": toy.uid("alert"),
    "rule": toy.uid("rule"),
}
Asset = dict[str, Any]


def named(items: list[Asset], key: str, name: str) -> Asset:
    return next(item for item in items if item[key] == name)


def own_metric(asset: Asset) -> None:
    asset["metrics"].append({"metric_name": "biggest", "expression": "MAX(amount)"})


def renamed_tab(asset: Asset) -> None:
    asset["position"]["TAB-two"]["meta"]["text"] = "History"


def values(**given: Any) -> Callable[[Asset], None]:
    return lambda asset: asset.update(given)


@pytest.fixture
def bundle(warehouse_uri: str) -> Bundle:
    return toy.bundle(warehouse_uri)


def edit(gateway: Any, kind: str, change: Callable[[Asset], None]) -> None:
    """As a person does it: on what Superset has, by Superset's own means."""
    asset = gateway.read(kind, UUIDS[kind])
    change(asset)
    with gateway.transaction():
        gateway.write({f"{kind}s/edited.yaml": asset})


def next_version(base: Bundle) -> Bundle:
    """Something else is new in each asset: a chart's limit, a tile's height, a metric."""
    assets = deepcopy(dict(base.assets))
    assets[CHART]["params"]["row_limit"] = 7
    assets[CHART]["query_context"] = query_context(assets[CHART]["params"])
    assets[BOARD]["position"]["CHART-bar"]["meta"]["height"] = 61
    assets[DATASET]["metrics"].append(toy.metric("average", "AVG(amount)"))
    return Bundle(assets, base.roles)


def seen(gateway: Any, kind: str) -> Asset:
    """The asset with charts by their uuids."""
    return comparable(kind, gateway.read(kind, UUIDS[kind]))


def is_new(gateway: Any) -> bool:
    chart, board, data = (seen(gateway, kind) for kind in ("chart", "dashboard", "dataset"))
    return (
        chart["params"]["row_limit"] == 7
        and board["position"]["CHART-bar"]["meta"]["height"] == 61
        and "average" in data["metrics"]
    )


def test_what_both_changed_is_told_and_theirs_or_ours_by_choice(
    gateway: Any, bundle: Bundle
) -> None:
    apply(bundle, gateway)
    edit(gateway, "chart", values(slice_name="Volume"))
    newer = toy.changed(bundle, CHART, slice_name="Sum of amounts")
    (step,) = [s for s in make_plan(newer, gateway).steps if s.path == CHART]
    assert step.upgrade is not None
    assert [str(one) for one in step.upgrade.conflicts] == ["slice_name"]
    assert "changed by both, theirs stays: slice_name" in step.reason
    apply(newer, gateway)
    assert seen(gateway, "chart")["slice_name"] == "Volume"
    apply(toy.changed(newer, CHART, slice_name="Amounts"), gateway, take="ours")
    assert seen(gateway, "chart")["slice_name"] == "Amounts"


def test_theirs_can_stay_as_a_copy(gateway: Any, bundle: Bundle) -> None:
    apply(bundle, gateway)
    edit(gateway, "chart", values(slice_name="Volume"))
    edit(gateway, "dashboard", values(dashboard_title="Deals of ours"))
    edit(gateway, "dataset", values(sql=f"{toy.SQL}  and true\n"))
    newer = toy.changed(bundle, CHART, slice_name="Sum of amounts")
    newer = toy.changed(newer, BOARD, dashboard_title="Deals of the toy")
    newer = toy.changed(newer, DATASET, sql=f"{toy.SQL}  and deal_id >= 0\n")
    done = apply(newer, gateway, take="copy")
    assert "theirs stays as a copy: slice_name" in str([step.reason for step in done.steps])
    assert seen(gateway, "chart")["slice_name"] == "Sum of amounts"
    assert "deal_id >= 0" in seen(gateway, "dataset")["sql"]
    found = {thing.name.partition(" (copy ")[0]: thing for thing in gateway.state().found
             if " (copy " in thing.name}  # fmt: skip
    assert set(found) == {"Volume", "Deals of ours", "crmkpi_toy_deals"}
    assert "and true" in gateway.read("dataset", found["crmkpi_toy_deals"].uuid)["sql"]
    copied = gateway.read("dashboard", found["Deals of ours"].uuid)["position"]
    assert copied["CHART-total"]["meta"]["uuid"] == toy.uid("total")
    assert not apply(newer, gateway, take="copy").changes


def test_a_chart_of_their_own_on_our_dashboard_and_dataset_stays(
    gateway: Any, bundle: Bundle
) -> None:
    apply(bundle, gateway)
    edit(gateway, "dataset", own_metric)
    own = toy.chart("own", "Biggest deal", "big_number_total", metric="biggest")
    with gateway.transaction():
        gateway.write({"charts/own.yaml": own})

    def put_on(asset: Asset) -> None:
        nodes = asset["position"]
        nodes["ROW-2"]["children"].append("CHART-own")
        above = nodes["CHART-bar"]["parents"]
        nodes["CHART-own"] = toy.tile(4711, "own", "Biggest deal", above)
        (native,) = asset["metadata"]["native_filter_configuration"]
        native["scope"]["excluded"] = [4711]

    edit(gateway, "dashboard", put_on)
    apply(next_version(bundle), gateway)
    board = seen(gateway, "dashboard")
    assert "CHART-own" in board["position"]["ROW-2"]["children"]
    native = board["metadata"]["native_filter_configuration"]["NATIVE_FILTER-region"]
    assert native["scope"]["excluded"] == [toy.uid("own")]
    assert gateway.read("chart", toy.uid("own"))["params"]["metric"] == "biggest"
    assert "biggest" in seen(gateway, "dataset")["metrics"]
    assert is_new(gateway)


def test_an_edit_of_one_thing_outlives_that_another_was_deleted(
    gateway: Any, bundle: Bundle
) -> None:
    apply(bundle, gateway)
    edit(gateway, "dashboard", renamed_tab)
    gateway.delete("chart", toy.uid("bar"))
    apply(next_version_without_bar(bundle), gateway)
    assert seen(gateway, "dashboard")["position"]["TAB-two"]["meta"]["text"] == "History"


def next_version_without_bar(base: Bundle) -> Bundle:
    return toy.changed(base, BOARD, description="New")


def test_without_an_edit_the_new_version_is_taken_as_it_is(gateway: Any, bundle: Bundle) -> None:
    apply(bundle, gateway)
    apply(next_version(bundle), gateway)
    plan = make_plan(toy.changed(next_version(bundle), CHART, slice_name="New"), gateway)
    assert [step.reason for step in plan.steps if step.action == "update"] == ["new: slice_name"]

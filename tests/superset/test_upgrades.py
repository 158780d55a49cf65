"""What people changed in Superset is there after an upgrade of ours, or is told; none is lost."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.bundle.query_context import query_context
from superset_crmkpi.installer.apply import apply
from superset_crmkpi.installer.edits import edits, value_at
from superset_crmkpi.installer.plan import make_plan
from superset_crmkpi.installer.upgrade import comparable
from tests.superset import toy

pytestmark = pytest.mark.superset

CHART, BOARD, DATASET = "charts/total.yaml", "dashboards/toy.yaml", "datasets/toy/deals.yaml"
UUIDS = {
    "chart": toy.uid("total"),
    "dashboard": toy.uid("dashboard"),
    "dataset": toy.uid("dataset"),
}
Asset = dict[str, Any]


def named(items: list[Asset], key: str, name: str) -> Asset:
    return next(item for item in items if item[key] == name)


def own_metric(asset: Asset) -> None:
    asset["metrics"].append({"metric_name": "biggest", "expression": "MAX(amount)"})


def own_column(asset: Asset) -> None:
    asset["columns"].append(
        {"column_name": "size", "expression": "case when amount > 200 then 'L' else 'S' end",
         "type": "VARCHAR", "groupby": True, "filterable": True}
    )  # fmt: skip


def label(asset: Asset) -> None:
    named(asset["metrics"], "metric_name", "win_rate")["verbose_name"] = "Hit rate"


def number_format(asset: Asset) -> None:
    named(asset["metrics"], "metric_name", "win_rate")["d3format"] = ".3%"


def hidden_column(asset: Asset) -> None:
    named(asset["columns"], "column_name", "deal_id")["groupby"] = False


def fewer_metrics(asset: Asset) -> None:
    asset["metrics"] = [m for m in asset["metrics"] if m["metric_name"] != "deal_count"]


def resized(asset: Asset) -> None:
    asset["position"]["CHART-total"]["meta"]["width"] = 3


def moved(asset: Asset) -> None:
    nodes = asset["position"]
    nodes["ROW-1"]["children"].remove("CHART-table")
    nodes["ROW-2"]["children"].insert(0, "CHART-table")
    nodes["CHART-table"]["parents"] = nodes["CHART-bar"]["parents"]


def without_tile(asset: Asset) -> None:
    asset["position"]["ROW-1"]["children"].remove("CHART-table")
    del asset["position"]["CHART-table"]


def own_text(asset: Asset) -> None:
    nodes = asset["position"]
    nodes["ROW-1"]["children"].append("MARKDOWN-own")
    nodes["MARKDOWN-own"] = toy.box(
        "MARKDOWN",
        "MARKDOWN-own",
        [],
        nodes["CHART-total"]["parents"],
        width=2,
        height=50,
        code="!",
    )


def own_tab(asset: Asset) -> None:
    nodes = asset["position"]
    nodes["TABS-main"]["children"].append("TAB-own")
    nodes["TAB-own"] = toy.box("TAB", "TAB-own", [], ["ROOT_ID", "TABS-main"], text="Ours")


def renamed_tab(asset: Asset) -> None:
    asset["position"]["TAB-two"]["meta"]["text"] = "History"


def other_default(asset: Asset) -> None:
    (native,) = asset["metadata"]["native_filter_configuration"]
    native["defaultDataMask"] = {
        "extraFormData": {"filters": [{"col": "region", "op": "IN", "val": ["West"]}]},
        "filterState": {"value": ["West"]},
    }


def out_of_scope(asset: Asset) -> None:
    """The filter no longer acts on the table; the chart has this Superset's number here."""
    number = asset["position"]["CHART-table"]["meta"]["chartId"]
    (native,) = asset["metadata"]["native_filter_configuration"]
    native["scope"]["excluded"] = [number]


def own_filter(asset: Asset) -> None:
    filters = asset["metadata"]["native_filter_configuration"]
    filters.append({**deepcopy(filters[0]), "id": "NATIVE_FILTER-own", "name": "Mine"})


def values(**given: Any) -> Callable[[Asset], None]:
    return lambda asset: asset.update(given)


def params(**given: Any) -> Callable[[Asset], None]:
    return lambda asset: asset["params"].update(given)


EDITS: list[tuple[str, str, Callable[[Asset], None]]] = [
    ("a chart's title", "chart", values(slice_name="Volume")),
    ("a chart's description", "chart", values(description="For the board")),
    ("a chart's cache time", "chart", values(cache_timeout=60)),
    ("who certified a chart", "chart", values(certified_by="Finance", certification_details="Q1")),
    ("a chart's metric", "chart", params(metric="deal_count")),
    ("a chart's number format", "chart", params(y_axis_format=".2s")),
    ("a chart's filter", "chart", params(adhoc_filters=[])),
    ("a dashboard's title", "dashboard", values(dashboard_title="Deals of ours")),
    ("a dashboard's slug", "dashboard", values(slug="our-deals")),
    ("a dashboard's css", "dashboard", values(css=".header { color: red }")),
    ("a dashboard taken back", "dashboard", values(published=False)),
    ("who certified a dashboard", "dashboard", values(certified_by="Board")),
    ("a tile's size", "dashboard", resized),
    ("a tile's place", "dashboard", moved),
    ("a tile taken out", "dashboard", without_tile),
    ("a text put in", "dashboard", own_text),
    ("a tab put in", "dashboard", own_tab),
    ("a tab's name", "dashboard", renamed_tab),
    ("a filter's default", "dashboard", other_default),
    ("a filter's scope", "dashboard", out_of_scope),
    ("a filter put in", "dashboard", own_filter),
    ("a dataset's description", "dataset", values(description="Ours")),
    ("a dataset's cache time", "dataset", values(cache_timeout=5)),
    ("a metric put in", "dataset", own_metric),
    ("a calculated column", "dataset", own_column),
    ("a metric's label", "dataset", label),
    ("a metric's format", "dataset", number_format),
    ("a column hidden", "dataset", hidden_column),
    ("a metric taken out", "dataset", fewer_metrics),
]  # fmt: skip
NAMES = [name for name, _, _ in EDITS]


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


@pytest.mark.parametrize(("kind", "change"), [e[1:] for e in EDITS], ids=NAMES)
def test_an_edit_outlives_two_upgrades(
    gateway: Any, bundle: Bundle, kind: str, change: Callable[[Asset], None]
) -> None:
    apply(bundle, gateway)
    before = seen(gateway, kind)
    edit(gateway, kind, change)
    after = seen(gateway, kind)
    made = [e for e in edits(before, after) if e.path[-1] != "parents"]
    assert made, "nothing was changed"

    newer = next_version(bundle)
    done = apply(newer, gateway)
    assert is_new(gateway)
    assert not [step for step in done.steps if step.upgrade and step.upgrade.conflicts]
    newest = toy.changed(newer, CHART, description="Once more")
    apply(newest, gateway)

    left = seen(gateway, kind)
    lost = [str(e) for e in made if e.path[-1] != "children" and value_at(left, e.path) != e.after]
    assert lost == []
    for one in made:
        if one.path[-1] == "children":
            assert value_at(left, one.path) == one.after, one
    assert not apply(newest, gateway).changes


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
    assert [step.reason for step in plan.steps if step.action == "update"] == [""]

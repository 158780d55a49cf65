"""Kinds of edits that people make, and how each is seen afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.superset import toy
from tests.superset.people import Admin, Fields


@dataclass(frozen=True)
class Edit:
    """Something a person does, and how it is seen that it is so."""

    name: str
    do: Callable[[Admin], None]
    seen: Callable[[Admin], Any]


def _field(kind: str, name: str, field: str, value: Any, **more: Any) -> Edit:
    return Edit(
        f"{kind} {name}: {field}",
        lambda admin: admin.change(kind, name, **{field: value}, **more),
        lambda admin: admin.read(kind, name)[field],
    )


def _people(kind: str, name: str, field: str) -> Edit:
    """Owners of a thing, or the roles that see it."""

    def do(admin: Admin) -> None:
        number = admin.number_of_role("Gamma") if field == "roles" else admin.colleague
        admin.change(kind, name, **{field: [number]})

    return Edit(
        f"{kind} {name}: {field}", do,
        lambda admin: [one["id"] for one in admin.read(kind, name)[field]],
    )  # fmt: skip


def _params(chart: str, **given: Any) -> Edit:
    def seen(admin: Admin) -> Any:
        params = json.loads(admin.read("chart", chart)["params"])
        return {key: params.get(key) for key in given}

    return Edit(
        f"chart {chart}: params {', '.join(given)}",
        lambda admin: admin.params(chart, **given),
        seen,
    )


def _node(name: str, change: Callable[[Fields], None], *seen: str) -> Edit:
    """An edit of the layout; `seen` leads to what it is about."""
    return Edit(
        f"dashboard: {name}",
        lambda admin: admin.rearrange(lambda nodes, _: change(nodes)),
        lambda admin: _at(admin.parts()[0], *seen),
    )


def _metadata(name: str, change: Callable[[Fields], None], seen: Callable[[Fields], Any]) -> Edit:
    return Edit(
        f"dashboard: {name}",
        lambda admin: admin.rearrange(lambda _, metadata: change(metadata)),
        lambda admin: seen(admin.parts()[1]),
    )


def _setting(key: str, value: Any) -> Edit:
    return _metadata(key, lambda m: m.update({key: value}), lambda m: m.get(key))


def _item(name: str, key: str, of: str, **given: Any) -> Edit:
    """A field of a metric or column of ours."""
    named = {"metrics": "metric_name", "columns": "column_name"}[key]

    def change(items: list[Fields]) -> None:
        next(item for item in items if item[named] == of).update(given)

    def seen(admin: Admin) -> Any:
        found = admin.item(key, of) or {}
        return {k: found.get(k) for k in given}

    return Edit(f"dataset: {name}", lambda admin: admin.items(key, change), seen)


def _own_item(name: str, key: str, of: str, **given: Any) -> Edit:
    named = {"metrics": "metric_name", "columns": "column_name"}[key]
    return Edit(
        f"dataset: {name}",
        lambda admin: admin.items(key, lambda items: items.append({named: of, **given})),
        lambda admin: (admin.item(key, of) or {}).get("expression"),
    )


def _without_item(name: str, key: str, of: str) -> Edit:
    named = {"metrics": "metric_name", "columns": "column_name"}[key]

    def change(items: list[Fields]) -> None:
        items[:] = [item for item in items if item[named] != of]

    return Edit(f"dataset: {name}", lambda admin: admin.items(key, change),
                lambda admin: admin.item(key, of) is None)  # fmt: skip


def _at(tree: Any, *path: str) -> Any:
    for key in path:
        if not isinstance(tree, Mapping) or key not in tree:
            return None
        tree = tree[key]
    return tree


def _native(metadata: Fields) -> list[Fields]:
    found: list[Fields] = metadata["native_filter_configuration"]
    return found


def _own_filter(metadata: Fields) -> None:
    _native(metadata).append({**_native(metadata)[0], "id": "NATIVE_FILTER-own", "name": "Mine"})


def _default(metadata: Fields) -> None:
    _native(metadata)[0]["defaultDataMask"] = {
        "extraFormData": {"filters": [{"col": "region", "op": "IN", "val": ["West"]}]},
        "filterState": {"value": ["West"]},
    }


def _moved(nodes: Fields) -> None:
    nodes["ROW-1"]["children"].remove("CHART-table")
    nodes["ROW-2"]["children"].insert(0, "CHART-table")
    nodes["CHART-table"]["parents"] = nodes["CHART-bar"]["parents"]


def _own_tab(nodes: Fields) -> None:
    nodes["TABS-main"]["children"].append("TAB-own")
    nodes["TAB-own"] = toy.box("TAB", "TAB-own", [], ["ROOT_ID", "TABS-main"], text="Ours")


def _own_text(nodes: Fields) -> None:
    nodes["ROW-1"]["children"].append("MARKDOWN-own")
    nodes["MARKDOWN-own"] = toy.box(
        "MARKDOWN", "MARKDOWN-own", [], nodes["CHART-total"]["parents"], width=2, height=50,
        code="Mind the **gap**.",
    )  # fmt: skip


def _own_divider(nodes: Fields) -> None:
    nodes["TAB-one"]["children"].append("DIVIDER-own")
    nodes["DIVIDER-own"] = toy.box(
        "DIVIDER", "DIVIDER-own", [], ["ROOT_ID", "TABS-main", "TAB-one"]
    )


def _no_text(nodes: Fields) -> None:
    nodes["ROW-2"]["children"].remove("MARKDOWN-1")
    del nodes["MARKDOWN-1"]


def _no_spare(nodes: Fields) -> None:
    nodes["ROW-1"]["children"].remove("CHART-spare")
    del nodes["CHART-spare"]


def _out_of_scope(admin: Admin) -> None:
    number = admin.number("chart", "table")
    admin.rearrange(lambda _, m: _native(m)[0]["scope"].update(excluded=[number]))


def _region_filter(admin: Admin) -> Any:
    return next(f for f in _native(admin.parts()[1]) if f["id"] == "NATIVE_FILTER-region")


CHARTS = [
    _field("chart", "total", "slice_name", "Volume"),
    _field("chart", "total", "description", "For the board"),
    _field("chart", "total", "cache_timeout", 60),
    _field("chart", "total", "certified_by", "Finance", certification_details="Q1"),
    _params("total", metric="deal_count"),
    _params("total", y_axis_format=".2s"),
    _params("total", subheader="as of today"),
    _params("table", adhoc_filters=[]),
    _params("table", row_limit=25, order_desc=False),
    _params("table", groupby=["region", "is_won"]),
    _params("bar", color_scheme="d3Category10"),
    _params("bar", time_grain_sqla="P3M"),
    _params("bar", viz_type="echarts_timeseries_line"),
    _field("chart", "bar", "viz_type", "echarts_timeseries_line"),
    _people("chart", "table", "owners"),
]
BOARD = [
    _people("dashboard", "dashboard", "owners"),
    _people("dashboard", "dashboard", "roles"),
    _field("dashboard", "dashboard", "dashboard_title", "Deals of ours"),
    _field("dashboard", "dashboard", "slug", "our-deals"),
    _field("dashboard", "dashboard", "css", ".header { color: red }"),
    _field("dashboard", "dashboard", "published", False),
    _field("dashboard", "dashboard", "certified_by", "Board", certification_details="2026"),
    _node("a tile's width", lambda n: n["CHART-total"]["meta"].update(width=3),
          "CHART-total", "meta", "width"),
    _node("a tile's own name", lambda n: n["CHART-bar"]["meta"].update(sliceNameOverride="Trend"),
          "CHART-bar", "meta", "sliceNameOverride"),
    _node("a tile moved", _moved, "CHART-table", "parents"),
    _node("a tab's name", lambda n: n["TAB-two"]["meta"].update(text="History"),
          "TAB-two", "meta", "text"),
    _node("a tab put in", _own_tab, "TAB-own", "meta"),
    _node("a text put in", _own_text, "MARKDOWN-own", "meta", "code"),
    _node("a divider put in", _own_divider, "DIVIDER-own", "type"),
    _node("a row's colour", lambda n: n["ROW-1"]["meta"].update(background="BACKGROUND_WHITE"),
          "ROW-1", "meta", "background"),
    _node("a text taken out", _no_text, "MARKDOWN-1"),
    _metadata("a filter's default", _default,
              lambda m: _native(m)[0]["defaultDataMask"]["filterState"]),
    Edit("dashboard: a filter's scope", _out_of_scope,
         lambda admin: _region_filter(admin)["scope"]["excluded"]),
    _node("a tile taken out", _no_spare, "CHART-spare"),
    _metadata("a filter's name", lambda m: _native(m)[0].update(name="Where"),
              lambda m: _native(m)[0]["name"]),
    _metadata("a filter put in", _own_filter, lambda m: [f["name"] for f in _native(m)][1:]),
    _setting("color_scheme", "d3Category20"),
    _setting("refresh_frequency", 600),
    _setting("cross_filters_enabled", False),
    _setting("label_colors", {"West": "#ff0000"}),
    _setting("filter_bar_orientation", "HORIZONTAL"),
]  # fmt: skip
DATASET = [
    _people("dataset", "dataset", "owners"),
    _field("dataset", "dataset", "description", "Ours"),
    _field("dataset", "dataset", "cache_timeout", 5),
    _field("dataset", "dataset", "fetch_values_predicate", "amount > 1"),
    _field("dataset", "dataset", "offset", 2),
    _field("dataset", "dataset", "default_endpoint", "https://wiki.invalid/deals"),
    _own_item("a metric put in", "metrics", "biggest", expression="MAX(amount)"),
    _own_item("a calculated column", "columns", "size", type="VARCHAR", groupby=True,
              filterable=True, expression="case when amount > 200 then 'L' else 'S' end"),
    _item("a metric's label", "metrics", "win_rate", verbose_name="Hit rate"),
    _item("a metric's format", "metrics", "win_rate", d3format=".3%"),
    _item("a metric's expression", "metrics", "win_rate", expression="AVG(is_won)"),
    _item("a column hidden", "columns", "deal_id", groupby=False),
    _item("a column's label", "columns", "region", verbose_name="Sales region"),
    _without_item("a metric taken out", "metrics", "deal_count_twice"),
]  # fmt: skip
DATABASE = [
    _field("database", "database", "expose_in_sqllab", False),
    _field("database", "database", "cache_timeout", 5),
    _field("database", "database", "allow_run_async", True),
]
RULE = Edit(
    "a row-level rule",
    lambda admin: admin.send(
        "post",
        "rowlevelsecurity/",
        {
            "name": "Own region",
            "filter_type": "Regular",
            "clause": "region = 'West'",
            "tables": [admin.number("dataset", "dataset")],
            "roles": [admin.number_of_role(toy.ROLE)],
        },
    ),
    lambda admin: [
        ([table["id"] for table in rule["tables"]], [role["name"] for role in rule["roles"]])
        for rule in admin.get("rowlevelsecurity/")
    ],
)
EDITS = [*CHARTS, *BOARD, *DATASET, *DATABASE, RULE]

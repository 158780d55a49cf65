"""Checks the layout and the filters of the dashboards of a bundle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.installer.gateway import Content

ROOT = "ROOT_ID"


def check(bundle: Bundle, datasets: Mapping[str, Content]) -> Iterator[str]:
    """One line per problem; ``datasets`` by uuid."""
    charts = {str(content["uuid"]): path for path, content in bundle.of("charts")}
    shown: set[str] = set()
    for path, dashboard in bundle.of("dashboards"):
        tiles = list(_tiles(dashboard))
        shown.update(str(tile.get("uuid")) for tile in tiles)
        for tile in tiles:
            if str(tile.get("uuid")) not in charts:
                yield f"{path}: position shows chart {tile.get('uuid')}, which is not in the bundle"
        numbers = Counter(tile.get("chartId") for tile in tiles)
        for number, count in numbers.items():
            if count > 1 or not isinstance(number, int):
                yield f"{path}: chartId {number} has to be a number that occurs once"
        yield from _layout(path, dashboard["position"])
        yield from _filters(path, dashboard["metadata"], datasets)
    shown |= bundle.of_alerts()
    for uuid, path in charts.items():
        if uuid not in shown:
            yield f"{path}: is on no dashboard"


def _items(position: Content) -> dict[str, Any]:
    return {key: item for key, item in position.items() if isinstance(item, dict)}


def _tiles(dashboard: Content) -> Iterator[Content]:
    for item in _items(dashboard["position"]).values():
        if item.get("type") == "CHART":
            yield item.get("meta", {})


def _layout(path: str, position: Content) -> Iterator[str]:
    items = _items(position)
    if ROOT not in items:
        yield f"{path}: position has no {ROOT}"
        return
    reached, open_ids = set(), [ROOT]
    while open_ids:
        current = open_ids.pop()
        if current in reached:
            yield f"{path}: position reaches {current} twice"
            continue
        reached.add(current)
        for child in items[current].get("children", []):
            if child in items:
                open_ids.append(child)
            else:
                yield f"{path}: position of {current} names a child {child} that is not there"
    for key, item in items.items():
        # The header, and the grid beside tabs, stand outside the tree.
        if key not in reached and item.get("type") not in ("HEADER", "GRID"):
            yield f"{path}: position holds {key}, which nothing leads to"


def _filters(path: str, metadata: Content, datasets: Mapping[str, Content]) -> Iterator[str]:
    filters = metadata.get("native_filter_configuration", [])
    for number, count in Counter(native.get("id") for native in filters).items():
        if count > 1 or not number:
            yield f"{path}: filter id {number} has to be there and occur once"
    known = {native.get("id") for native in filters}
    for native in filters:
        label = f"{path}: filter {native.get('name')!r}"
        for parent in native.get("cascadeParentIds", []):
            if parent not in known:
                yield f"{label} depends on {parent}, which is not a filter of the dashboard"
        for target in native.get("targets", []):
            if not target:
                continue  # a time filter has no target
            dataset = datasets.get(str(target.get("datasetUuid")))
            if dataset is None:
                yield f"{label}: dataset {target.get('datasetUuid')} is not in the bundle"
                continue
            column = target.get("column", {}).get("name")
            if column not in {item["column_name"] for item in dataset["columns"]}:
                yield f"{label}: column {column} does not exist on {dataset['table_name']}"

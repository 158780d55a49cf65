"""Charts in a dashboard by their uuids: the numbers that Superset writes there are its own.

A bundle numbers charts from 1, an export as its Superset does. Both are compared without numbers;
a dashboard to be written gets new ones, which the import turns into those of that Superset.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

Content = Mapping[str, Any]
#: follows from where filters stand; Superset works it out anew
_WORKED_OUT = ("chartsInScope", "tabsInScope")


def without_numbers(dashboard: Content) -> dict[str, Any]:
    """The dashboard with uuids in the place of numbers; a number of no chart in it stays."""
    made = deepcopy(dict(dashboard))
    names: dict[str, str] = {}
    for node in _charts(made):
        number = node["meta"].pop("chartId", None)
        names[str(number)] = str(node["meta"].get("uuid"))
    _renamed(made, names)
    return made


def with_numbers(dashboard: Content) -> dict[str, Any]:
    """The opposite: charts are numbered from 1, in the order of the layout."""
    made = deepcopy(dict(dashboard))
    numbers: dict[str, int] = {}
    for node in _charts(made):
        uuid = str(node["meta"].get("uuid"))
        node["meta"]["chartId"] = numbers.setdefault(uuid, len(numbers) + 1)
    _renamed(made, numbers)
    whole = made.get("metadata", {}).get("global_chart_configuration")
    if isinstance(whole, dict):
        whole["chartsInScope"] = sorted(numbers.values())
    return made


def without_charts(dashboard: Content, gone: set[str]) -> dict[str, Any]:
    """The dashboard without the tiles of charts that are not there."""
    made = deepcopy(dict(dashboard))
    position = made.get("position", {})
    tiles = {key for key, node in _nodes(position) if node.get("meta", {}).get("uuid") in gone}
    for key in tiles:
        del position[key]
    for _, node in _nodes(position):
        if tiles & set(node.get("children") or []):
            node["children"] = [key for key in node["children"] if key not in tiles]
    return made


def _nodes(position: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(key, node) for key, node in position.items() if isinstance(node, dict)]


def _charts(dashboard: Content) -> Iterator[dict[str, Any]]:
    for _, node in _nodes(dashboard.get("position", {})):
        if node.get("type") == "CHART" and isinstance(node.get("meta"), dict):
            yield node


def _renamed(dashboard: dict[str, Any], names: Mapping[str, Any]) -> None:
    metadata = dashboard.get("metadata")
    if not isinstance(metadata, dict):
        return

    def each(values: Any) -> list[Any]:
        return [names.get(str(value), value) for value in values or []]

    for key in ("chart_configuration", "expanded_slices"):
        if isinstance(metadata.get(key), dict):
            metadata[key] = {str(names.get(k, k)): v for k, v in metadata[key].items()}
    for one in [*_dicts(metadata.get("chart_configuration"))]:
        if "id" in one:
            one["id"] = names.get(str(one["id"]), one["id"])
        _scoped(one.get("crossFilters"), each)
    _scoped(metadata.get("global_chart_configuration"), each)
    for native in metadata.get("native_filter_configuration") or []:
        _scoped(native, each)
    if "timed_refresh_immune_slices" in metadata:
        metadata["timed_refresh_immune_slices"] = each(metadata["timed_refresh_immune_slices"])


def _dicts(mapping: Any) -> Iterator[dict[str, Any]]:
    for value in (mapping or {}).values() if isinstance(mapping, dict) else ():
        if isinstance(value, dict):
            yield value


def _scoped(holder: Any, each: Any) -> None:
    if not isinstance(holder, dict):
        return
    for key in _WORKED_OUT:
        holder.pop(key, None)
    scope = holder.get("scope")
    if isinstance(scope, dict) and "excluded" in scope:
        scope["excluded"] = each(scope["excluded"])

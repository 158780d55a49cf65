"""Compares what a chart answers by its saved query with what its tile shows without a filter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.superset.asking import Rows, Tile, Viewer

#: charts whose saved query turns the rows around in Superset: a column per metric and series
PIVOTED = ("big_number", "echarts_timeseries_bar", "echarts_timeseries_line")
Cells = dict[Any, dict[str, Any]]


def difference(viewer: Viewer, tile: Tile) -> str:
    """What differs, '' where nothing does. Rows at the limit count by their number alone."""
    saved = viewer.get(f"chart/{tile.number}/data/")
    shown = viewer.tile(replace(tile, period=None))
    if len(saved) != 1:
        return f"{len(saved)} queries are saved"
    rows = saved[0]["data"]
    if tile.params["viz_type"] in PIVOTED:
        one, other = _by_axis(rows, tile.params), _turned(shown, tile.params)
        keys = [key for key in {**one, **other} if one.get(key) != other.get(key)]
        differing = [f"{key}: saved {one.get(key)}, shown {other.get(key)}" for key in keys[:3]]
        return "; ".join(differing)
    if len(shown) == tile.params.get("row_limit"):
        return "" if len(rows) == len(shown) else f"{len(rows)} rows, {len(shown)} are shown"
    if _sorted(rows) != _sorted(shown):
        return f"saved {_sorted(rows)}, shown {_sorted(shown)}"
    return ""


def _sorted(rows: Rows) -> list[str]:
    """Without the rank that a heatmap adds for its colours."""
    return sorted(
        str({k: _rounded(v) for k, v in sorted(row.items()) if k != "rank"}) for row in rows
    )


def _rounded(value: Any) -> Any:
    return round(value, 6) if isinstance(value, float) else value


def _by_axis(rows: Rows, params: Mapping[str, Any]) -> Cells:
    axis = params["x_axis"]
    cells = {
        row[axis]: {k: _rounded(v) for k, v in row.items() if k != axis and v is not None}
        for row in rows
    }
    return {key: found for key, found in cells.items() if found}


def _turned(rows: Rows, params: Mapping[str, Any]) -> Cells:
    axis, series = params["x_axis"], params.get("groupby") or []
    metrics = params.get("metrics") or [params["metric"]]
    cells: Cells = defaultdict(dict)
    for row in rows:
        if row[axis] is None:  # as of an open deal, on an axis of closing: no pivot has it
            continue
        names = ["<NULL>" if row[column] is None else str(row[column]) for column in series]
        for metric in metrics:
            if row[metric] is not None:
                label = ", ".join(name.replace(", ", "\\, ") for name in [metric, *names])
                cells[row[axis]][label] = _rounded(row[metric])
    return dict(cells)

"""How a tile becomes the `params` of a Superset chart (kinds that all supported versions have)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from superset_crmkpi.bundle.formats import (
    ANY_UNIT,
    RELATIVE,
    TIME_FORMATS,
    axis_format,
    column_format,
    number_format,
    unit_of,
)
from superset_crmkpi.catalogue.definitions import Metric, Thresholds
from superset_crmkpi.dashboards.spec import Tile

GRAINS = {"day": "P1D", "week": "P1W", "month": "P1M", "quarter": "P3M", "year": "P1Y"}
SCHEME = "supersetColors"
#: for steps that follow on one another: shades of one colour
STEPS = "supersetAndPresetColors"
#: of a funnel: name of the step, its value and its share of the first
LABEL_KEY_VALUE_PERCENT = 5
YELLOW, RED = "#FCC700", "#E04355"


def params(
    tile: Tile, metrics: list[Metric], columns: Mapping[str, str], time: str | None
) -> dict[str, Any]:
    """Params of the chart of `tile`; `columns` are the fact's (name -> type)."""
    filters = [_filter(column, value) for column, value in tile.where.items()]
    if time is not None:
        filters.append(
            {
                "clause": "WHERE",
                "expressionType": "SIMPLE",
                "subject": time,
                "operator": "TEMPORAL_RANGE",
                "comparator": "No filter",
            }
        )
    made = {
        "adhoc_filters": filters,
        **_KINDS[tile.chart or "number"](tile, metrics, columns, time),
    }
    if time is not None:
        made.setdefault("granularity_sqla", time)
    return {"viz_type": made.pop("viz_type"), **made}


def _filter(column: str, value: Any) -> dict[str, Any]:
    many = isinstance(value, list)
    return {
        "clause": "WHERE",
        "expressionType": "SIMPLE",
        "subject": column,
        "operator": "IN" if many else "==",
        "operatorId": "IN" if many else "EQUALS",
        "comparator": value,
    }


def _number(tile: Tile, metrics: list[Metric], columns: Any, time: str | None) -> dict[str, Any]:
    metric = metrics[0]
    made: dict[str, Any] = {
        "viz_type": "big_number_total",
        "metric": metric.name,
        "subheader": metric.question,
        "subtitle": metric.question,
        "y_axis_format": number_format(metric),
        "header_font_size": 0.4,
        "subheader_font_size": 0.125,
        "subtitle_font_size": 0.125,
    }
    rules = _rules(metric)
    return {**made, "conditional_formatting": rules} if rules else made


def _trend(tile: Tile, metrics: list[Metric], columns: Any, time: str | None) -> dict[str, Any]:
    metric = metrics[0]
    return {
        "viz_type": "big_number",
        "metric": metric.name,
        "x_axis": time,
        "time_grain_sqla": GRAINS[tile.grain],
        "compare_lag": 1 if tile.compare and metric.unit in RELATIVE else 0,
        "compare_suffix": f"vs previous {tile.grain}",
        "subtitle": metric.question,
        "subtitle_font_size": 0.125,
        "show_trend_line": True,
        "start_y_axis_at_zero": False,
        "y_axis_format": number_format(metric),
        "header_font_size": 0.4,
        "subheader_font_size": 0.125,
        # which period the number is of
        "show_timestamp": True,
        "time_format": TIME_FORMATS[tile.grain],
        "rolling_type": "None",
        "color_picker": {"r": 32, "g": 85, "b": 120, "a": 1},
    }


def _over_time(viz_type: str) -> Any:
    def made(tile: Tile, metrics: list[Metric], columns: Any, time: str | None) -> dict[str, Any]:
        # outside of the time filter the first column of `by` is the axis
        axis, series = (tile.by[0], tile.by[1:]) if time is None else (time, tile.by)
        return {
            "viz_type": viz_type,
            "x_axis": axis,
            "time_grain_sqla": GRAINS[tile.grain],
            "metrics": [metric.name for metric in metrics],
            "groupby": series,
            "row_limit": 10000,
            "limit": 10,
            "stack": "Stack" if series and viz_type.endswith("bar") else None,
            "sort_series_type": "name" if tile.order else "sum",
            "sort_series_ascending": tile.order is not None,
            "show_legend": bool(series) or len(metrics) > 1,
            "legendOrientation": "top",
            "legendType": "scroll",
            "y_axis_format": axis_format(metrics[0]),
            "y_axis_title": unit_of(metrics[0]),
            "y_axis_title_margin": 40 if unit_of(metrics[0]) else 0,
            "y_axis_title_position": "Left",
            "x_axis_time_format": "%b %Y" if tile.grain in ("month", "quarter") else "smart_date",
            "rich_tooltip": True,
            "truncateYAxis": False,
            "color_scheme": STEPS if series and viz_type.endswith("bar") else SCHEME,
            "markerEnabled": viz_type.endswith("line"),
        }

    return made


def _ranking(tile: Tile, metrics: list[Metric], columns: Any, time: str | None) -> dict[str, Any]:
    return {
        "viz_type": "echarts_timeseries_bar",
        "x_axis": tile.by[0],
        "metrics": [metric.name for metric in metrics],
        "groupby": tile.by[1:],
        "orientation": "horizontal",
        "x_axis_sort": tile.order or metrics[0].name,
        "x_axis_sort_asc": tile.order is None,
        "x_axis_sort_series": "sum",
        "x_axis_sort_series_ascending": True,
        "row_limit": tile.limit,
        "show_legend": len(metrics) > 1 or len(tile.by) > 1,
        "legendOrientation": "top",
        "stack": "Stack" if len(tile.by) > 1 else None,
        "show_value": len(tile.by) == 1,
        "y_axis_format": axis_format(metrics[0]),
        "y_axis_title": unit_of(metrics[0]),
        "y_axis_title_margin": 30 if unit_of(metrics[0]) else 0,
        "rich_tooltip": True,
        "truncateYAxis": False,
        "color_scheme": STEPS if len(tile.by) > 1 else SCHEME,
    }


def _table(tile: Tile, metrics: list[Metric], columns: Any, time: str | None) -> dict[str, Any]:
    by, descending = _table_order(tile, metrics)
    return {
        "viz_type": "table",
        "query_mode": "aggregate",
        "groupby": tile.by,
        "metrics": [metric.name for metric in metrics],
        "all_columns": [],
        "percent_metrics": [],
        "timeseries_limit_metric": by,
        "order_desc": descending,
        "row_limit": tile.limit,
        "server_page_length": 20,
        "page_length": 0,
        "show_cell_bars": False,
        "color_pn": False,
        "table_timestamp_format": "%Y-%m-%d",
        "conditional_formatting": [rule for metric in metrics for rule in _rules(metric)],
        "column_config": {k.name: {"d3NumberFormat": number_format(k)} for k in metrics},
    }


def _list(
    tile: Tile, metrics: list[Metric], columns: Mapping[str, str], time: Any
) -> dict[str, Any]:
    order = []
    if tile.order:
        column = tile.order.removeprefix("-")
        order = [json.dumps([column, not tile.order.startswith("-")])]
    config = {
        name: {"d3NumberFormat": tile.formats.get(name) or _list_format(tile, name, columns[name])}
        for name in tile.columns
        if columns.get(name) in ("double", "bigint", "unknown")
    }
    return {
        "viz_type": "table",
        "query_mode": "raw",
        "groupby": [],
        "metrics": [],
        "all_columns": tile.columns,
        "percent_metrics": [],
        "order_by_cols": order,
        "row_limit": tile.limit,
        "page_length": 0,  # scrolled, not leafed through: no row is cut by the frame
        "include_search": False,
        "show_cell_bars": False,
        "color_pn": False,
        "table_timestamp_format": "%Y-%m-%d",
        "conditional_formatting": [
            rule for name, levels in tile.levels.items() for rule in _past(name, "<", levels)
        ],
        "column_config": config,
    }


def _list_format(tile: Tile, name: str, kind: str) -> str:
    return ANY_UNIT if tile.fact else column_format(name, kind)


def _funnel(tile: Tile, metrics: list[Metric], columns: Any, time: str | None) -> dict[str, Any]:
    return {
        "viz_type": "funnel",
        "groupby": tile.by,
        "metric": metrics[0].name,
        "row_limit": tile.limit,
        "sort_by_metric": True,
        "percent_calculation_type": "first_step",
        "label_type": LABEL_KEY_VALUE_PERCENT,
        "tooltip_label_type": LABEL_KEY_VALUE_PERCENT,
        "show_labels": True,
        "show_legend": False,
        "number_format": number_format(metrics[0]),
        "color_scheme": STEPS,
    }


def _waterfall(tile: Tile, metrics: list[Metric], columns: Any, time: str | None) -> dict[str, Any]:
    return {
        "viz_type": "waterfall",
        # the parts of the whole period side by side: per month they could not be read
        "x_axis": tile.by[0],
        "groupby": [],
        "metric": metrics[0].name,
        "row_limit": 1000,
        "show_value": True,
        "x_ticks_layout": "45°",
        "show_legend": True,
        "x_axis_time_format": "%b %Y",
        "y_axis_format": number_format(metrics[0]),
        "increase_color": {"r": 90, "g": 193, "b": 137, "a": 1},
        "decrease_color": {"r": 224, "g": 67, "b": 85, "a": 1},
        "total_color": {"r": 102, "g": 102, "b": 102, "a": 1},
    }


def _heatmap(tile: Tile, metrics: list[Metric], columns: Any, time: str | None) -> dict[str, Any]:
    return {
        "viz_type": "heatmap_v2",
        "x_axis": tile.by[0],
        "groupby": tile.by[1],
        "metric": metrics[0].name,
        "time_grain_sqla": GRAINS[tile.grain],
        "row_limit": 10000,
        "sort_x_axis": "alpha_asc",
        "sort_y_axis": "alpha_desc",
        "normalize_across": "heatmap",
        "linear_color_scheme": "schemeBlues",
        "legend_type": "continuous",
        "show_legend": True,
        "show_values": True,
        "show_percentage": False,
        "value_bounds": [None, None],
        "y_axis_format": number_format(metrics[0]),
        "xscale_interval": 1,
        "yscale_interval": 1,
        "left_margin": 125,
        "bottom_margin": 50,
    }


_KINDS = {
    "number": _number,
    "trend": _trend,
    "line": _over_time("echarts_timeseries_line"),
    "bar": _over_time("echarts_timeseries_bar"),
    "ranking": _ranking,
    "table": _table,
    "list": _list,
    "funnel": _funnel,
    "waterfall": _waterfall,
    "heatmap": _heatmap,
}


def _table_order(tile: Tile, metrics: list[Metric]) -> tuple[Any, bool]:
    """What a table is sorted by, and whether downwards; a dimension by its least value."""
    if tile.order is None:
        return metrics[0].name, metrics[0].good == "up"
    name, descending = tile.order.removeprefix("-"), tile.order.startswith("-")
    if name in [metric.name for metric in metrics]:
        return name, descending
    return {
        "expressionType": "SIMPLE",
        "column": {"column_name": name},
        "aggregate": "MIN",
        "label": f"MIN({name})",
        "optionName": f"order_{name}",
    }, descending


def _rules(metric: Metric) -> list[dict[str, Any]]:
    """Conditional formatting by the thresholds: red past `act`, yellow past `warn`."""
    levels = metric.thresholds
    if levels is None:
        return []
    return _past(metric.name, "<" if metric.good == "up" else ">", levels)


def _past(column: str, worse: str, levels: Thresholds) -> list[dict[str, Any]]:
    return [
        {"column": column, "colorScheme": YELLOW, "operator": worse, "targetValue": levels.warn},
        {"column": column, "colorScheme": RED, "operator": worse, "targetValue": levels.act},
    ]

"""How a tile becomes the `params` of a Superset chart (kinds that all supported versions have)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from superset_crmkpi.bundle.cards import Card
from superset_crmkpi.bundle.formats import (
    axis_format,
    currency_format,
    number_format,
    unit_of,
)
from superset_crmkpi.bundle.tables import card_table, record_list, table, tree_table
from superset_crmkpi.catalogue.definitions import Metric
from superset_crmkpi.dashboards.spec import Tile
from superset_crmkpi.language.language import ENGLISH, Language

GRAINS = {"day": "P1D", "week": "P1W", "month": "P1M", "quarter": "P3M", "year": "P1Y"}
SCHEME = "supersetColors"
#: for steps that follow on one another: shades of one colour
STEPS = "supersetAndPresetColors"


def card_params(
    tile: Tile, card: Card, expressions: Mapping[str, str], time: str | None
) -> dict[str, Any]:
    """Params of the card of a `number` or `trend`, filtered by the column `time`.

    `expressions`: heading -> aggregate of the engine, of what stands beside the value.
    """
    return _whole(tile, card_table(card, expressions, GRAINS[tile.grain]), time)


def tree_params(tile: Tile, expressions: Mapping[str, str]) -> dict[str, Any]:
    """Params of a `tree`; `expressions`: branch -> aggregate of the engine."""
    return _whole(tile, tree_table(expressions), None)


def params(
    tile: Tile,
    metrics: list[Metric],
    columns: Mapping[str, str],
    time: str | None,
    currency: str,
    language: Language = ENGLISH,
) -> dict[str, Any]:
    """Params of the chart of `tile`; `columns` are the dataset's (name -> type).

    `currency`: the code of the reporting currency.
    """
    if tile.chart == "list":
        shown = currency_format(currency, language)
        return _whole(tile, record_list(tile, columns, shown), time)
    made = _KINDS[tile.chart or ""](tile, metrics, columns, time)
    if unit := made.get("y_axis_title"):
        made["y_axis_title"] = language.say(unit)
    return _whole(tile, made, time)


def _whole(tile: Tile, kind: dict[str, Any], time: str | None) -> dict[str, Any]:
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
        kind.setdefault("granularity_sqla", time)
    return {"viz_type": kind.pop("viz_type"), "adhoc_filters": filters, **kind}


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


def _trend(tile: Tile, metrics: list[Metric], columns: Any, time: str | None) -> dict[str, Any]:
    """The line below a card: straight from value to value, each a dot."""
    return {
        **_over_time("echarts_timeseries_line")(tile, metrics[:1], columns, time),
        "show_legend": False,
        "y_axis_title": "",
        "y_axis_title_margin": 0,
        "truncateYAxis": True,
        "y_axis_bounds": [None, None],
        "x_axis_time_format": "%b" if tile.grain == "month" else "smart_date",
        "markerSize": 5,
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
            # one below the other: side by side the last ones are on a second page
            "legendOrientation": "right" if series else "top",
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
    "trend": _trend,
    "line": _over_time("echarts_timeseries_line"),
    "bar": _over_time("echarts_timeseries_bar"),
    "ranking": _ranking,
    "table": table,
    "waterfall": _waterfall,
    "heatmap": _heatmap,
}

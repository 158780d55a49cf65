"""Params of Superset's table chart: of groups, of records, and of a number as a card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from superset_crmkpi.bundle.cards import Card
from superset_crmkpi.bundle.formats import (
    ANY_UNIT,
    TIME_FORMATS,
    column_format,
    is_money,
    number_format,
)
from superset_crmkpi.bundle.tree import PLACE
from superset_crmkpi.catalogue.definitions import Metric, Thresholds
from superset_crmkpi.dashboards.spec import Tile

YELLOW, RED = "#FCC700", "#E04355"


def card_table(card: Card, expressions: Mapping[str, str], grain: str) -> dict[str, Any]:
    metric = card.metric
    periods: dict[str, Any] = {}
    if card.time is not None:
        periods = {
            "time_grain_sqla": grain,
            "temporal_columns_lookup": {card.time: True},
            "timeseries_limit_metric": aggregate("MAX", card.time),
        }
    return {
        "viz_type": "table",
        "query_mode": "aggregate",
        "groupby": [] if card.time is None else [card.time],
        "metrics": [metric.name, *(_own(name, sql) for name, sql in expressions.items())],
        "all_columns": [],
        "percent_metrics": [],
        "order_desc": True,
        "row_limit": 1000,
        "server_page_length": 20,
        "page_length": 0,
        "show_cell_bars": False,
        "color_pn": False,
        "allow_render_html": True,
        "table_timestamp_format": TIME_FORMATS[card.grain],
        "column_config": {metric.name: {"d3NumberFormat": number_format(metric)}},
        **periods,
    }


def tree_table(expressions: Mapping[str, str]) -> dict[str, Any]:
    """A row per place, a column per branch; `expressions`: heading -> aggregate of the engine."""
    return {
        "viz_type": "table",
        "query_mode": "aggregate",
        "groupby": [PLACE],
        "metrics": [_own(name, sql) for name, sql in expressions.items()],
        "all_columns": [],
        "percent_metrics": [],
        "timeseries_limit_metric": aggregate("MIN", PLACE),
        "order_desc": False,
        "row_limit": 1000,
        "server_page_length": 20,
        "page_length": 0,
        "show_cell_bars": False,
        "color_pn": False,
        "allow_render_html": True,
    }


def _own(name: str, sql: str) -> dict[str, Any]:
    """A metric of the chart's own, in the SQL of the engine."""
    return {
        "expressionType": "SQL",
        "sqlExpression": sql,
        "label": name,
        "hasCustomLabel": True,
        "optionName": f"metric_{name.lower()}",
    }


def table(tile: Tile, metrics: list[Metric], columns: Any, time: str | None) -> dict[str, Any]:
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


def record_list(
    tile: Tile, columns: Mapping[str, str], currency: Mapping[str, str]
) -> dict[str, Any]:
    """Records, not groups: what has to be done, worst first."""
    order = []
    if tile.order:
        column = tile.order.removeprefix("-")
        order = [json.dumps([column, not tile.order.startswith("-")])]
    config = {
        name: _number_config(tile, name, columns[name], currency)
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


def _number_config(tile: Tile, name: str, kind: str, currency: Mapping[str, str]) -> dict[str, Any]:
    if name in tile.formats:
        return {"d3NumberFormat": tile.formats[name]}
    if tile.fact:
        return {"d3NumberFormat": ANY_UNIT}
    config: dict[str, Any] = {"d3NumberFormat": column_format(name, kind)}
    if is_money(name) and not name.endswith("_rate"):
        config["currencyFormat"] = dict(currency)
    return config


def _table_order(tile: Tile, metrics: list[Metric]) -> tuple[Any, bool]:
    """What a table is sorted by, and whether downwards; a dimension by its least value."""
    if tile.order is None:
        return metrics[0].name, metrics[0].good == "up"
    name, descending = tile.order.removeprefix("-"), tile.order.startswith("-")
    if name in [metric.name for metric in metrics]:
        return name, descending
    return aggregate("MIN", name), descending


def aggregate(function: str, column: str) -> dict[str, Any]:
    """A metric of a chart's own."""
    return {
        "expressionType": "SIMPLE",
        "column": {"column_name": column},
        "aggregate": function,
        "label": f"{function}({column})",
        "optionName": f"order_{column}",
    }


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

"""Which chart kinds we know, and which metrics and columns the params of a chart use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from superset_crmkpi.installer.gateway import Content

# Kinds that exist in every supported version (4.1 to 6.1) without a feature flag.
VIZ_TYPES = frozenset(
    {
        "big_number",
        "big_number_total",
        "box_plot",
        "bubble_v2",
        "bullet",
        "cal_heatmap",
        "country_map",
        "echarts_area",
        "echarts_timeseries",
        "echarts_timeseries_bar",
        "echarts_timeseries_line",
        "echarts_timeseries_scatter",
        "echarts_timeseries_smooth",
        "echarts_timeseries_step",
        "funnel",
        "gauge_chart",
        "graph_chart",
        "handlebars",
        "heatmap_v2",
        "histogram_v2",
        "mixed_timeseries",
        "pie",
        "pivot_table_v2",
        "sankey_v2",
        "sunburst_v2",
        "table",
        "time_table",
        "treemap_v2",
        "waterfall",
        "word_cloud",
        "world_map",
    }
)

METRIC_KEYS = (
    "metric",
    "metrics",
    "metrics_b",
    "metric_2",
    "percent_metrics",
    "secondary_metric",
    "timeseries_limit_metric",
    "timeseries_limit_metric_b",
    "series_limit_metric",
    "size",
)
COLUMN_KEYS = (
    "groupby",
    "groupby_b",
    "groupbyRows",
    "groupbyColumns",
    "columns",
    "all_columns",
    "x_axis",
    "column",
    "series",
    "entity",
    "source",
    "target",
    "granularity_sqla",
)
# In a bubble chart x and y are metrics.
METRIC_AXES = ("x", "y")


def _many(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def metrics_of(params: Content) -> Iterator[Any]:
    """Every metric a chart uses: the name of a saved one, or a mapping for one of its own."""
    keys = METRIC_KEYS + (METRIC_AXES if params.get("viz_type") == "bubble_v2" else ())
    for key in keys:
        yield from _many(params.get(key))


def saved_metrics(params: Content) -> set[str]:
    """The names of the dataset's metrics that a chart uses."""
    return {metric for metric in metrics_of(params) if isinstance(metric, str)}


def columns_of(params: Content) -> set[str]:
    """The names of the dataset's columns that a chart uses."""
    names: set[str] = set()
    for key in COLUMN_KEYS:
        names.update(name for name in _many(params.get(key)) if isinstance(name, str))
    for item in _many(params.get("order_by_cols")):
        ordered = json.loads(item) if isinstance(item, str) else item
        names.add(str(ordered[0]))
    for metric in metrics_of(params):
        if isinstance(metric, dict) and metric.get("expressionType") == "SIMPLE":
            names.add(str(metric.get("column", {}).get("column_name")))
    for part in filters_of(params):
        if part.get("expressionType") == "SIMPLE" and part.get("clause") == "WHERE":
            names.add(str(part.get("subject")))
    return names


def filters_of(params: Content) -> list[dict[str, Any]]:
    """The filters of a chart, also those of the second query of a mixed chart."""
    both = _many(params.get("adhoc_filters")) + _many(params.get("adhoc_filters_b"))
    return [part for part in both if isinstance(part, dict)]


def labels_of(params: Content) -> set[str]:
    """What the columns of the chart's result may be called."""
    labels = saved_metrics(params) | columns_of(params)
    labels |= {f"%{metric}" for metric in _many(params.get("percent_metrics"))}
    for metric in metrics_of(params):
        if isinstance(metric, dict) and metric.get("label"):
            labels.add(str(metric["label"]))
    return labels


def formatted_columns(params: Content) -> set[str]:
    """The result columns that conditional formatting refers to."""
    rules = _many(params.get("conditional_formatting"))
    return {str(rule["column"]) for rule in rules if isinstance(rule, dict) and "column" in rule}

"""The `query_context` of a chart: the query of its params, as Superset's own frontend saves it.

Superset computes a chart without a browser from it: for alerts, reports as CSV or text, the warming
of caches and `GET /api/v1/chart/<id>/data/`. The params alone do not say it: each chart plugin
builds the query in the browser. The import puts the dataset's number in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

Params = Mapping[str, Any]
Query = dict[str, Any]
#: what a chart of people's own may ask for, and this module does not build
_OTHERS = (
    "adhoc_filters_b",
    "annotation_layers",
    "contributionMode",
    "extra_filters",
    "extra_form_data",
    "forecastEnabled",
    "percent_metrics",
    "resample_rule",
    "server_pagination",
    "show_totals",
    "time_compare",
    "time_range",
    "truncate_metric",
)
#: what the frontend adds to the params when it asks
OF_THE_PAGE = frozenset(
    {
        "dashboardId",
        "dashboards",
        "datasource",
        "extra_form_data",
        "force",
        "result_format",
        "result_type",
        "slice_id",
        "url_params",
    }
)
#: stands for the dataset until the import
_NO_DATASET = 0


def query_context(params: Params) -> str | None:
    """The JSON text; None for params whose query only the frontend can tell."""
    build = _BUILDERS.get(params.get("viz_type", ""))
    if build is None or not _is_plain(params):
        return None
    query = build(params, _base(params))
    form = {"force": False, "result_format": "json", "result_type": "full"}
    whole = {
        "datasource": {"id": _NO_DATASET, "type": "table"},
        "queries": [{key: value for key, value in query.items() if value is not None}],
        "form_data": {**params, "datasource": f"{_NO_DATASET}__table", **form},
        **form,
    }
    return json.dumps(whole, ensure_ascii=False)


def asks_for(context: str, params: Params) -> bool:
    """Whether a saved query context is one of these params."""
    try:
        asked = json.loads(context)["form_data"]
    except (ValueError, KeyError, TypeError):
        return False
    return isinstance(asked, dict) and _told(asked) == _told(params)


def _told(params: Params) -> Params:
    return {key: value for key, value in params.items() if key not in OF_THE_PAGE}


def _is_plain(params: Params) -> bool:
    if any(params.get(key) for key in _OTHERS):
        return False
    if params.get("rolling_type") not in (None, "None") or params.get("aggregation") == "raw":
        return False
    axis = params.get("x_axis")
    filters = params.get("adhoc_filters") or []
    return (axis is None or isinstance(axis, str)) and all(map(_is_simple, filters))


def _is_simple(adhoc: Any) -> bool:
    return adhoc.get("expressionType") == "SIMPLE" and adhoc.get("clause") == "WHERE"


def _base(params: Params) -> Query:
    """What the queries of all charts have."""
    filters = [
        {"col": adhoc["subject"], "op": adhoc["operator"], "val": adhoc.get("comparator")}
        for adhoc in params.get("adhoc_filters") or []
    ]
    extras = {"having": "", "where": ""}
    if grain := params.get("time_grain_sqla"):
        extras["time_grain_sqla"] = grain
    return {
        "granularity": params.get("granularity_sqla"),
        "filters": filters,
        "extras": extras,
        "applied_time_extras": {},
        "columns": _many(params.get("groupby")),
        "metrics": _many(params.get("metrics") or params.get("metric")),
        "annotation_layers": [],
        "row_limit": params.get("row_limit"),
        "series_limit": int(params.get("limit") or 0),
        "series_limit_metric": params.get("timeseries_limit_metric"),
        "order_desc": params.get("order_desc", True),
        "url_params": {},
        "custom_params": {},
        "custom_form_data": {},
    }


def _many(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _axis(params: Params) -> list[Any]:
    """The column of the x axis, taken by the chart's time grain where it is a time."""
    axis = params.get("x_axis")
    if not axis:
        return []
    column = {"columnType": "BASE_AXIS", "sqlExpression": axis, "label": axis}
    if grain := params.get("time_grain_sqla"):
        column["timeGrain"] = grain
    return [{**column, "expressionType": "SQL"}]


def _pivoted(params: Params, base: Query, series: list[Any]) -> list[dict[str, Any]]:
    """One row per value of the axis, one column per metric and series."""
    pivot = {
        "index": [params["x_axis"]],
        "columns": series,
        "aggregates": {metric: {"operator": "mean"} for metric in base["metrics"]},
        "drop_missing_columns": not params.get("show_empty_columns"),
    }
    return [{"operation": "pivot", "options": pivot}, *_sorted(params, base)]


def _sorted(params: Params, base: Query) -> list[dict[str, Any]]:
    by, ascending = params.get("x_axis_sort"), params.get("x_axis_sort_asc")
    if ascending is None or params.get("groupby"):
        return []
    if by == params["x_axis"]:
        how = {"is_sort_index": True, "ascending": ascending}
    elif by in base["metrics"]:
        how = {"by": by, "ascending": ascending}
    else:
        return []
    return [{"operation": "sort", "options": how}]


_FLAT = {"operation": "flatten"}


def _number(params: Params, base: Query) -> Query:
    return base


def _trend(params: Params, base: Query) -> Query:
    pivoted = _pivoted(params, base, [])
    return {**base, "columns": _axis(params), "post_processing": [*pivoted, _FLAT]}


def _series(params: Params, base: Query) -> Query:
    series = base["columns"]
    return {
        **base,
        "columns": [*_axis(params), *series],
        "series_columns": series,
        "orderby": [[base["metrics"][0], not base["order_desc"]]],
        "time_offsets": [],
        "post_processing": [*_pivoted(params, base, series), _FLAT],
    }


def _table(params: Params, base: Query) -> Query:
    if params.get("query_mode") == "raw":
        order = [json.loads(pair) for pair in params.get("order_by_cols") or []]
        # without the key of metrics: an empty list of them would still group
        raw = {"columns": _many(params.get("all_columns")), "metrics": None, "orderby": order}
        return {**base, **raw, "post_processing": [], "time_offsets": []}
    grain, times = params.get("time_grain_sqla"), params.get("temporal_columns_lookup") or {}
    timed = next((name for name in base["columns"] if grain and times.get(name)), None)
    if timed is not None:
        others = [name for name in base["columns"] if name != timed]
        base = {**base, "columns": [*_axis({"x_axis": timed, "time_grain_sqla": grain}), *others]}
    order = [[metric, False] for metric in base["metrics"][:1]]
    if by := params.get("timeseries_limit_metric"):
        order = [[by, not base["order_desc"]]]
    return {**base, "orderby": order, "post_processing": [], "time_offsets": []}


def _waterfall(params: Params, base: Query) -> Query:
    named = [params["x_axis"], *base["columns"]]
    columns = [*_axis(params), *base["columns"]]
    return {**base, "columns": columns, "orderby": [[column, True] for column in named]}


def _heatmap(params: Params, base: Query) -> Query:
    metric, ends = params["metric"], [params["x_axis"], *base["columns"]]
    order = [
        [metric if "value" in chosen else column, "asc" in chosen]
        for column, chosen in zip(
            ends, [params.get("sort_x_axis"), params.get("sort_y_axis")], strict=False
        )
        if chosen
    ]
    across = {"x": ends[0], "y": ends[-1]}.get(params.get("normalize_across", ""))
    rank = {"operation": "rank", "options": {"metric": metric, "group_by": across}}
    columns = [*_axis(params), *base["columns"]]
    return {**base, "columns": columns, "orderby": order, "post_processing": [rank]}


_BUILDERS: Mapping[str, Callable[[Params, Query], Query]] = {
    "big_number_total": _number,
    "big_number": _trend,
    "echarts_timeseries_line": _series,
    "echarts_timeseries_bar": _series,
    "table": _table,
    "waterfall": _waterfall,
    "heatmap_v2": _heatmap,
}

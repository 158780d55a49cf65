"""A small warehouse and a bundle on it: one table, one dataset, a few charts, two tabs."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from superset_crmkpi.bundle.alerts import DASHBOARD_LINK
from superset_crmkpi.bundle.assets import Bundle, RoleGrant
from superset_crmkpi.bundle.query_context import query_context

ROLE = "CRM KPI Executive"


def uid(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"crmkpi-toy/{name}"))


def warehouse(path: Path, report: Any = None) -> None:
    """240 deals over 24 months in four regions; written by DuckDB itself."""
    import duckdb

    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """
            create table deals as
            select
                i as deal_id,
                ['North', 'South', 'East', 'West'][1 + i % 4] as region,
                cast(date '2024-01-15' + to_months(i % 24) as timestamp) as created_at,
                100.0 + 10 * (i % 24) as amount,
                cast(i % 3 = 0 as integer) as is_won
            from range(240) as t(i)
            """
        )


TOTAL_AMOUNT = 240 * 100.0 + 10 * sum(i % 24 for i in range(240))

SQL = """\
select deal_id, region, created_at, amount, is_won
from deals
where amount > 0
"""


def metric(name: str, expression: str, **more: Any) -> dict[str, Any]:
    return {"metric_name": name, "verbose_name": None, "expression": expression, **more}


def dataset() -> dict[str, Any]:
    types = {
        "deal_id": "BIGINT",
        "region": "VARCHAR",
        "created_at": "TIMESTAMP",
        "amount": "DOUBLE",
        "is_won": "INTEGER",
    }
    return {
        "table_name": "crmkpi_toy_deals",
        "main_dttm_col": "created_at",
        "schema": "main",
        "sql": SQL,
        "uuid": uid("dataset"),
        "metrics": [
            metric("total_amount", "SUM(amount)", d3format=",.0f"),
            metric("deal_count", "COUNT(*)"),
            metric("win_rate", "1.0 * SUM(is_won) / NULLIF(COUNT(*), 0)", d3format=".1%"),
        ],
        "columns": [
            {
                "column_name": name,
                "type": kind,
                "is_dttm": name == "created_at",
                "groupby": True,
                "filterable": True,
            }
            for name, kind in types.items()
        ],
        "version": "1.0.0",
        "database_uuid": uid("database"),
    }


def chart(name: str, title: str, viz_type: str, **params: Any) -> dict[str, Any]:
    time_range = {
        "clause": "WHERE",
        "expressionType": "SIMPLE",
        "subject": "created_at",
        "operator": "TEMPORAL_RANGE",
        "comparator": "No filter",
    }
    asked = {"viz_type": viz_type, "adhoc_filters": [time_range], **params}
    return {
        "slice_name": title,
        "viz_type": viz_type,
        "params": asked,
        "query_context": query_context(asked),
        "uuid": uid(name),
        "version": "1.0.0",
        "dataset_uuid": uid("dataset"),
    }


def charts() -> dict[str, dict[str, Any]]:
    return {
        "total": chart("total", "Total amount", "big_number_total", metric="total_amount"),
        "table": chart(
            "table",
            "By region",
            "table",
            query_mode="aggregate",
            groupby=["region"],
            metrics=["total_amount", "win_rate"],
            row_limit=100,
        ),
        "bar": chart(
            "bar",
            "Amount per month",
            "echarts_timeseries_bar",
            x_axis="created_at",
            time_grain_sqla="P1M",
            metrics=["total_amount"],
            groupby=["region"],
            row_limit=1000,
        ),
    }


def tile(number: int, name: str, title: str, parents: list[str]) -> dict[str, Any]:
    return {
        "type": "CHART",
        "id": f"CHART-{name}",
        "children": [],
        "parents": parents,
        "meta": {
            "chartId": number,
            "uuid": uid(name),
            "width": 6,
            "height": 50,
            "sliceName": title,
        },
    }


def box(kind: str, name: str, children: list[str], parents: list[str], **meta: Any) -> dict:
    return {
        "type": kind,
        "id": name,
        "children": children,
        "parents": parents,
        "meta": meta,
    }


def dashboard(slug: str = "crmkpi-toy") -> dict[str, Any]:
    first = ["ROOT_ID", "TABS-main", "TAB-one"]
    second = ["ROOT_ID", "TABS-main", "TAB-two"]
    row = {"background": "BACKGROUND_TRANSPARENT"}
    position: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["TABS-main"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": [], "parents": ["ROOT_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": "Toy deals"}},
        "TABS-main": box("TABS", "TABS-main", ["TAB-one", "TAB-two"], ["ROOT_ID"]),
        "TAB-one": box("TAB", "TAB-one", ["ROW-1"], first[:2], text="Overview"),
        "TAB-two": box("TAB", "TAB-two", ["ROW-2"], second[:2], text="Trend"),
        "ROW-1": box("ROW", "ROW-1", ["CHART-total", "CHART-table"], first, **row),
        "ROW-2": box("ROW", "ROW-2", ["CHART-bar", "MARKDOWN-1"], second, **row),
        "CHART-total": tile(1, "total", "Total amount", [*first, "ROW-1"]),
        "CHART-table": tile(2, "table", "By region", [*first, "ROW-1"]),
        "CHART-bar": tile(3, "bar", "Amount per month", [*second, "ROW-2"]),
        "MARKDOWN-1": box(
            "MARKDOWN",
            "MARKDOWN-1",
            [],
            [*second, "ROW-2"],
            width=6,
            height=50,
            code="## What to do\nCall the **West**.",
        ),
    }
    everywhere = {"rootPath": ["ROOT_ID"], "excluded": []}
    return {
        "dashboard_title": "Toy deals",
        "slug": slug,
        "published": True,
        "uuid": uid("dashboard"),
        "position": position,
        "metadata": {
            "cross_filters_enabled": True,
            "chart_configuration": {},
            "global_chart_configuration": {"scope": everywhere},
            "native_filter_configuration": [
                {
                    "id": "NATIVE_FILTER-region",
                    "type": "NATIVE_FILTER",
                    "name": "Region",
                    "filterType": "filter_select",
                    "targets": [{"column": {"name": "region"}, "datasetUuid": uid("dataset")}],
                    "cascadeParentIds": [],
                    "scope": everywhere,
                    "controlValues": {"multiSelect": True, "enableEmptyFilter": False},
                    "defaultDataMask": {"extraFormData": {}, "filterState": {}},
                }
            ],
        },
        "version": "1.0.0",
    }


def bundle(uri: str | None) -> Bundle:
    """The bundle for a warehouse; without a URI it uses the connection "Toy" of Superset."""
    database: dict[str, Any] = {
        "database_name": "Toy",
        "uuid": uid("database"),
        "version": "1.0.0",
    }
    if uri:
        database |= {"sqlalchemy_uri": uri, "extra": {}, "allow_csv_upload": False}
    assets: dict[str, dict[str, Any]] = {
        "metadata.yaml": {"version": "1.0.0", "type": "assets"},
        "databases/toy.yaml": database,
        "datasets/toy/deals.yaml": dataset(),
        **{f"charts/{name}.yaml": content for name, content in charts().items()},
        "dashboards/toy.yaml": dashboard(),
    }
    role = RoleGrant(ROLE, (uid("dashboard"),), (uid("dataset"),))
    return Bundle(assets, (role,))


ALERT = "alerts/total.yaml"


def with_alert(base: Bundle, address: str = "ops@example.com") -> Bundle:
    """The bundle with an alert on its first chart."""
    alert = {
        "name": "Toy: total",
        "type": "Alert",
        "description": f"Total. Dashboard: {DASHBOARD_LINK}",
        "email_subject": "Total is past its threshold",
        "active": True,
        "crontab": "0 7 * * *",
        "timezone": "Europe/Berlin",
        "grace_period": 3600,
        "working_timeout": 3600,
        "log_retention": 90,
        "report_format": "TEXT",
        "database_uuid": uid("database"),
        "sql": "SELECT COUNT(*) AS alert FROM deals",
        "validator_type": "operator",
        "validator_config_json": {"op": ">=", "threshold": 1.0},
        "recipients": [{"type": "Email", "recipient_config_json": {"target": address}}],
        "dashboard_uuid": uid("dashboard"),
        "chart_uuid": next(iter(charts().values()))["uuid"],
        "uuid": uid("alert"),
        "version": "1.0.0",
    }
    return replace(base, assets={**base.assets, ALERT: alert})


def changed(base: Bundle, path: str, **values: Any) -> Bundle:
    """The bundle with some values of one asset replaced."""
    assets: dict[str, Mapping[str, Any]] = copy.deepcopy(dict(base.assets))
    assets[path] = {**assets[path], **values}
    return replace(base, assets=assets)


def with_broken_tiles(uri: str) -> Bundle:
    """The toy, and a dashboard whose tiles pass every check but show nothing."""
    base = bundle(uri)
    data = dataset()
    # Runs on no rows, as the checks do, and fails on the first one.
    data["metrics"].append(metric("bad", "SUM(CAST('x' || region AS INTEGER))"))
    nobody = {
        "clause": "WHERE",
        "expressionType": "SIMPLE",
        "subject": "region",
        "operator": "==",
        "comparator": "Nowhere",
    }
    tiles = ["ROOT_ID", "GRID_ID", "ROW-1"]
    board = {
        **dashboard("crmkpi-toy-broken"),
        "uuid": uid("broken"),
        "dashboard_title": "Toy broken",
        "metadata": {"native_filter_configuration": []},
        "position": {
            "DASHBOARD_VERSION_KEY": "v2",
            "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
            "GRID_ID": box("GRID", "GRID_ID", ["ROW-1"], ["ROOT_ID"]),
            "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": "Toy broken"}},
            "ROW-1": box("ROW", "ROW-1", ["CHART-fails", "CHART-empty"], tiles[:2]),
            "CHART-fails": tile(1, "fails", "Fails on real rows", tiles),
            "CHART-empty": tile(2, "empty", "Nothing there", tiles),
        },
    }
    fails = chart("fails", "Fails on real rows", "big_number_total", metric="bad")
    empty = chart("empty", "Nothing there", "pie", metric="deal_count", groupby=["region"])
    empty["params"]["adhoc_filters"].append(nobody)
    empty["query_context"] = query_context(empty["params"])
    more = {
        "datasets/toy/deals.yaml": data,
        "charts/fails.yaml": fails,
        "charts/empty.yaml": empty,
        "dashboards/broken.yaml": board,
    }
    return Bundle({**base.assets, **more}, base.roles)


def demo(home: Path, port: int, make_bundle: Any = bundle, **more: Any) -> Any:
    """Run the demo server on the toy."""
    from crmkpi_demo.server import run_demo

    return run_demo(home, warehouse, make_bundle, port=port, **more)

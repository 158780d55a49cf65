"""Asks a Superset as its pages do: log in, read a dashboard, and query the data of its charts.

Everything goes through the REST API of the app's test client, so that permissions, stored params
and Superset's own SQL take part. `query_of` does what the chart plugins do in the browser.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from superset_crmkpi.catalogue.reader import load_catalog

AUDIENCES = ("pipeline", "customer_health", "campaigns", "trust", "executive")
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Tile:
    """A chart as a dashboard shows it: the params stored in Superset, its period or None."""

    number: int
    title: str
    params: Mapping[str, Any]
    period: str | None

    @property
    def dataset(self) -> int:
        return int(str(self.params["datasource"]).split("__")[0])


@dataclass(frozen=True)
class Board:
    """A dashboard: the tiles in it, and its texts."""

    title: str
    tiles: list[Tile]
    texts: list[str]


def with_session(app: Any, username: str) -> Any:
    """A client with the session of a user, as the login form makes it: pages take no token."""
    from superset import security_manager

    client = app.test_client()
    with app.app_context():
        number = security_manager.find_user(username).id
    with client.session_transaction() as session:
        session.update({"_user_id": str(number), "_fresh": True})
    return client


class Viewer:
    """A user of a Superset, through its REST API."""

    def __init__(self, app: Any, username: str, password: str) -> None:
        self.client = app.test_client()
        login = {"username": username, "password": password, "provider": "db"}
        token = self.client.post("/api/v1/security/login", json=login).json["access_token"]
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, address: str) -> Any:
        answer = self.client.get(f"/api/v1/{address}", headers=self.headers)
        assert answer.status_code == 200, f"{address}: {answer.status_code} {answer.text[:500]}"
        return answer.json["result"]

    def boards(self) -> list[Board]:
        """Every dashboard the user sees."""
        listed = self.get("dashboard/?q=(page_size:100)")
        return [self.board(str(board["id"])) for board in sorted(listed, key=lambda b: b["id"])]

    def board(self, name: str) -> Board:
        """A dashboard by slug or number."""
        board = self.get(f"dashboard/{name}")
        position = json.loads(board["position_json"])
        boxes = [box for box in position.values() if isinstance(box, dict) and "type" in box]
        shown = {box["meta"]["chartId"] for box in boxes if box["type"] == "CHART"}
        charts = {chart["id"]: chart for chart in self.get(f"dashboard/{name}/charts")}
        assert set(charts) == shown, f"{board['dashboard_title']}: charts and layout differ"
        period, outside = _period(json.loads(board["json_metadata"]))
        tiles = [
            Tile(n, chart["slice_name"], chart["form_data"], None if n in outside else period)
            for n, chart in charts.items()
        ]
        texts = [box["meta"]["code"] for box in boxes if box["type"] == "MARKDOWN"]
        return Board(board["dashboard_title"], tiles, texts)

    def datasets(self) -> dict[str, int]:
        """Name -> number of every dataset the user may query."""
        return {row["table_name"]: row["id"] for row in self.get("dataset/?q=(page_size:100)")}

    def dataset_of(self, fact: str) -> int:
        """A dataset of this fact, of whichever audience."""
        endings = tuple(f"_{audience}_{fact}" for audience in AUDIENCES)
        return next(n for name, n in self.datasets().items() if name.endswith(endings))

    def one_of_each_fact(self) -> list[tuple[Board, Tile]]:
        """A tile per fact: audiences have datasets of their own, of the same SQL."""
        names = {number: name for name, number in self.datasets().items()}
        found: dict[str, tuple[Board, Tile]] = {}
        for board in self.boards():
            for tile in board.tiles:
                name = names[tile.dataset]
                audience = next(one for one in AUDIENCES if f"_{one}_" in name)
                found[name.partition(f"_{audience}_")[2]] = board, tile
        return list(found.values())

    def data(self, dataset: int, query: Mapping[str, Any]) -> Rows:
        """The rows of one query; an AssertionError with Superset's message when it fails."""
        body = {
            "datasource": {"id": dataset, "type": "table"},
            "queries": [query],
            "result_format": "json",
            "result_type": "full",
        }
        answer = self.client.post("/api/v1/chart/data", json=body, headers=self.headers)
        assert answer.status_code == 200, f"{answer.status_code} {answer.text[:800]}"
        (result,) = answer.json["result"]
        assert not result["error"], result["error"]
        return list(result["data"])

    def tile(self, tile: Tile) -> Rows:
        """What a tile gets with the dashboard's own period."""
        return self.data(tile.dataset, query_of(tile.params, tile.period))

    def kpi(self, name: str, by: str = "", period: str = "", **where: Any) -> Any:
        """A KPI by its saved metric; by a dimension a dict.

        `period`: "<time column> <from> : <to>"."""
        filters = [
            {"col": column, "op": "IN" if isinstance(value, list) else "==", "val": value}
            for column, value in where.items()
        ]
        if period:
            column, _, window = period.partition(" ")
            filters.append({"col": column, "op": "TEMPORAL_RANGE", "val": window})
        query = {
            "columns": [by] if by else [],
            "metrics": [name],
            "filters": filters,
            "row_limit": 10_000,
        }
        rows = self.data(self.dataset_of(load_catalog().kpis[name].fact), query)
        return {row[by]: row[name] for row in rows} if by else rows[0][name]

    def import_zip(self, path: Path) -> None:
        """Dashboards > Import dashboards, with CSRF as the browser does."""
        token = self.get("security/csrf_token/")
        answer = self.client.post(
            "/api/v1/dashboard/import/",
            data={
                "formData": (io.BytesIO(path.read_bytes()), path.name),
                "overwrite": "true",
                "passwords": "{}",
            },
            headers={
                **self.headers,
                "X-CSRFToken": token,
                "Referer": "http://localhost/dashboard/list/",
            },
            content_type="multipart/form-data",
        )
        assert answer.status_code == 200, f"{path.name}: {answer.text[:2000]}"


def _period(metadata: Mapping[str, Any]) -> tuple[str | None, set[int]]:
    """The time range that the dashboard opens with, and the charts outside of it."""
    for native in metadata["native_filter_configuration"]:
        if native["filterType"] == "filter_time":
            chosen = native["defaultDataMask"]["extraFormData"]["time_range"]
            return chosen, set(native["scope"]["excluded"])
    return None, set()


def query_of(params: Mapping[str, Any], period: str | None) -> dict[str, Any]:
    """The query that a chart of these params asks for; shapes as the chart plugins build them."""
    kind = params["viz_type"]
    filters = []
    for adhoc in params.get("adhoc_filters") or []:
        assert adhoc["expressionType"] == "SIMPLE"
        value = adhoc["comparator"]
        if adhoc["operator"] == "TEMPORAL_RANGE":
            value = period or value
        filters.append({"col": adhoc["subject"], "op": adhoc["operator"], "val": value})
    query: dict[str, Any] = {"filters": filters, "row_limit": params.get("row_limit") or 10_000}
    if grain := params.get("time_grain_sqla"):
        query["extras"] = {"time_grain_sqla": grain}
    if params.get("query_mode") == "raw":
        order = [json.loads(pair) for pair in params.get("order_by_cols") or []]
        # Without the key: an empty list of metrics would still group.
        return {**query, "columns": params["all_columns"], "orderby": order}
    metrics = list(params.get("metrics") or [params["metric"]])
    return {
        **query,
        "columns": _columns(params),
        "metrics": metrics,
        "orderby": _order(kind, params, metrics),
        **_series(params),
    }


def _by_grain(column: str, grain: str | None) -> dict[str, Any]:
    axis = {"columnType": "BASE_AXIS", "sqlExpression": column, "label": column}
    return {"timeGrain": grain, **axis, "expressionType": "SQL"}


def _columns(params: Mapping[str, Any]) -> list[Any]:
    grouped = params.get("groupby") or []
    columns: list[Any] = [grouped] if isinstance(grouped, str) else list(grouped)
    grain, times = params.get("time_grain_sqla"), params.get("temporal_columns_lookup") or {}
    columns = [_by_grain(one, grain) if times.get(str(one)) else one for one in columns]
    if axis := params.get("x_axis"):
        columns.insert(0, _by_grain(axis, grain))
    return columns


def _order(kind: str, params: Mapping[str, Any], metrics: Sequence[str]) -> list[Any]:
    if kind == "table":
        by = params.get("timeseries_limit_metric") or metrics[0]
        return [[by, not params.get("order_desc", True)]]
    if kind in ("funnel", "pie") or kind.startswith("echarts_timeseries"):
        return [[metrics[0], False]]
    return []


def _series(params: Mapping[str, Any]) -> dict[str, Any]:
    """A chart over time shows the series with the highest values only."""
    if not params.get("limit") or not params.get("groupby"):
        return {}
    return {"series_columns": params["groupby"], "series_limit": params["limit"]}

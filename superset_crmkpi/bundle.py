"""From dashboard specs and compiled facts to Superset assets.

Every uuid is a uuid5 of the asset's name, so two builds are equal to the byte. A tile whose data
the warehouse lacks becomes a text that says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from superset_crmkpi import charts
from superset_crmkpi.bundle_types import Bundle, RoleGrant
from superset_crmkpi.catalog import Catalog, Kpi, Metric
from superset_crmkpi.compiler import HEADER, Compiler
from superset_crmkpi.dashboards import Dashboard, Filter, Tab, Tile

NAMESPACE = UUID("6f0a2b5e-55a5-5b0e-9b8e-6c7a1d0c2f11")
VERSION = "1.0.0"
PREFIX = "crmkpi_"
NOW = "none"
_TYPES = {
    "text": "VARCHAR",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "boolean": "BOOLEAN",
    "bigint": "BIGINT",
    "double": "DOUBLE PRECISION",
    "unknown": "DOUBLE PRECISION",
}


@dataclass(frozen=True)
class Target:
    """Where a bundle goes. `uri` None means that the database is there already, by its name."""

    name: str
    database: str
    uri: str | None
    schema: str | None = None
    currency: str = "EUR"
    today: date | None = None
    asset_type: str = "assets"


class BundleMaker:
    """Makes the bundle of some dashboards; `why_not` tells why a KPI cannot be had (or "")."""

    def __init__(
        self,
        catalog: Catalog,
        compiler: Compiler,
        target: Target,
        why_not: Callable[[Kpi], str] = lambda kpi: "",
    ) -> None:
        self.catalog = catalog
        self.compiler = compiler
        self.target = target
        self.why_not = why_not
        self.assets: dict[str, dict[str, Any]] = {}
        self._numbers = 0

    def make(self, dashboards: Sequence[Dashboard]) -> Bundle:
        """All assets, and one role per dashboard."""
        self.assets["metadata.yaml"] = {
            "version": VERSION,
            "type": self.target.asset_type,
            "timestamp": "2026-01-01T00:00:00+00:00",
        }
        self._database()
        roles = [self._dashboard(dashboard) for dashboard in dashboards]
        return Bundle(dict(sorted(self.assets.items(), key=_order)), tuple(roles))

    def uuid(self, kind: str, name: str) -> str:
        """The uuid of an asset of this target."""
        return str(uuid5(NAMESPACE, f"{self.target.name}/{kind}/{name}"))

    @property
    def _database_slug(self) -> str:
        return _slug(self.target.database)

    def _database(self) -> None:
        content: dict[str, Any] = {"database_name": self.target.database}
        if self.target.uri is not None:
            content |= {
                "sqlalchemy_uri": self.target.uri,
                "cache_timeout": None,
                "expose_in_sqllab": True,
                "allow_run_async": False,
                "allow_ctas": False,
                "allow_cvas": False,
                "allow_dml": False,
                "allow_csv_upload": False,
                "extra": {},
            }
        content |= {
            "uuid": self.uuid("database", self.target.database),
            "version": VERSION,
        }
        self.assets[f"databases/{self._database_slug}.yaml"] = content

    def _dashboard(self, spec: Dashboard) -> RoleGrant:
        layout = _Layout(spec.title)
        shown: dict[int, tuple[Tile, dict[str, str]]] = {}
        datasets: list[str] = []
        for tab in spec.tabs:
            tab_id = layout.tab(tab)
            for r, row in enumerate(tab.rows):
                row_id = layout.row(tab_id, r)
                for t, tile in enumerate(row.tiles):
                    reason = self._reason(tile)
                    if tile.text is not None or reason:
                        text = tile.text or self._missing(tile, reason)
                        layout.text(row_id, t, text, tile.width, row.height)
                        continue
                    self._numbers += 1
                    uuid, dataset = self._chart(spec, tile)
                    if dataset not in datasets:
                        datasets.append(dataset)
                    layout.chart(row_id, t, tile, row.height, uuid, self._title(tile), self._numbers)
                    shown[self._numbers] = (tile, self._columns(self._fact(tile)))
        filters = [self._time_filter(spec, shown)]
        for select in spec.filters:
            made = self._select_filter(select, shown)
            if made is not None:
                filters.append(made)
                dataset = self._filter_dataset(select)
                if dataset not in datasets:
                    datasets.append(dataset)
        uuid = self.uuid("dashboard", spec.slug)
        self.assets[f"dashboards/{_slug(spec.title)}.yaml"] = {
            "dashboard_title": spec.title,
            "description": spec.description,
            "css": "",
            "slug": spec.slug,
            "certified_by": "",
            "certification_details": "",
            "published": True,
            "uuid": uuid,
            "position": layout.position,
            "metadata": {
                "color_scheme": charts.SCHEME,
                "refresh_frequency": 0,
                "cross_filters_enabled": True,
                "chart_configuration": {},
                "global_chart_configuration": {
                    "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
                    "chartsInScope": sorted(shown),
                },
                "native_filter_configuration": filters,
                "expanded_slices": {},
                "label_colors": {},
                "timed_refresh_immune_slices": [],
            },
            "version": VERSION,
        }
        role = f"{self.target.name} {spec.audience.replace('_', ' ').title()}"
        return RoleGrant(role, (uuid,), tuple(datasets))

    # -- tiles -----------------------------------------------------------------------------------

    def _kpis(self, tile: Tile) -> list[Kpi]:
        return [self.catalog.kpis[name] for name in tile.kpi]

    def _fact(self, tile: Tile) -> str:
        return tile.fact or self._kpis(tile)[0].fact

    def _metrics(self, tile: Tile) -> list[Metric]:
        """What the chart draws: measures in place of KPIs, in a table both."""
        kpis = [kpi.metric for kpi in self._kpis(tile) if tile.fact is None]
        measures = [self.catalog.facts[self._fact(tile)].measure(name) for name in tile.measure]
        return kpis + measures if tile.chart == "table" or not measures else measures

    def _columns(self, fact: str) -> dict[str, str]:
        return self.compiler.types_of(fact)

    def _title(self, tile: Tile) -> str:
        return tile.title or self._kpis(tile)[0].meta.label

    def _reason(self, tile: Tile) -> str:
        if tile.fact is not None and tile.fact not in self.catalog.facts:
            return "None of its KPIs can be computed here."
        return next((why for why in map(self.why_not, self._kpis(tile)) if why), "")

    def _missing(self, tile: Tile, reason: str) -> str:
        question = "".join(f"*{kpi.meta.question}*\n\n" for kpi in self._kpis(tile)[:1])
        return f"#### {self._title(tile)}\n\n{question}No data yet. {reason}"

    def _time(self, tile: Tile) -> str | None:
        if tile.fact is not None:
            chosen = tile.time or NOW
        else:
            chosen = tile.time or self._kpis(tile)[0].meta.time
        return None if chosen == NOW else chosen

    def _chart(self, spec: Dashboard, tile: Tile) -> tuple[str, str]:
        """Makes chart and dataset; gives their uuids."""
        kpis = self._kpis(tile)
        fact = self._fact(tile)
        dataset = self._dataset(fact)
        name = f"{spec.slug}/{tile.name}"
        uuid = self.uuid("chart", name)
        params = charts.params(tile, self._metrics(tile), self._columns(fact), self._time(tile))
        self.assets[f"charts/{_slug(spec.slug)}_{_slug(tile.name)}.yaml"] = {
            "slice_name": self._title(tile),
            "description": about(kpis),
            "certified_by": kpis[0].owners[0].replace("_", " ") if kpis else "",
            "certification_details": kpis[0].meta.definition if kpis else "",
            "viz_type": params["viz_type"],
            "params": params,
            "query_context": None,
            "cache_timeout": None,
            "uuid": uuid,
            "version": VERSION,
            "dataset_uuid": dataset,
        }
        return uuid, dataset

    # -- datasets --------------------------------------------------------------------------------

    def _dataset(self, fact: str) -> str:
        meta = self.catalog.facts[fact].meta
        labels = {**meta.dimensions, **meta.columns}
        path = f"datasets/{self._database_slug}/{PREFIX}{fact}.yaml"
        uuid = self.uuid("dataset", fact)
        if path not in self.assets:
            self.assets[path] = self._dataset_asset(
                uuid,
                f"{PREFIX}{fact}",
                f"{meta.label}: {meta.grain}.",
                self.compiler.fact(fact),
                self._columns(fact),
                labels,
                meta.time,
                [self._metric(k) for k in self.catalog.kpis_of(fact) if not self.why_not(k)]
                + [self._measure(fact, name) for name in meta.measures],
            )
        return uuid

    def _filter_dataset(self, select: Filter) -> str:
        name = f"filter_{select.from_}_{select.column}"
        path = f"datasets/{self._database_slug}/{PREFIX}{name}.yaml"
        uuid = self.uuid("dataset", name)
        if path not in self.assets:
            body = self.compiler.fact(select.from_, [select.column]).partition("\n")[2]
            inner = "\n".join(f"  {line}" for line in body.splitlines())
            sql = (
                f"{HEADER.format(what=f'values of the filter {select.label}')}\n"
                f"SELECT DISTINCT {select.column} FROM (\n{inner}\n) AS fact_values"
            )
            self.assets[path] = self._dataset_asset(
                uuid,
                f"{PREFIX}{name}",
                f"Values of the filter {select.label}.",
                sql,
                {select.column: "text"},
                {select.column: select.label},
                None,
                [],
            )
        return uuid

    def _dataset_asset(
        self,
        uuid: str,
        name: str,
        description: str,
        sql: str,
        columns: dict[str, str],
        labels: dict[str, str],
        time: str | None,
        metrics: list[dict[str, Any]],
    ) -> dict[str, Any]:
        return {
            "table_name": name,
            "main_dttm_col": time,
            "description": description,
            "default_endpoint": None,
            "offset": 0,
            "cache_timeout": None,
            "schema": self.target.schema,
            "sql": sql,
            "params": None,
            "template_params": None,
            "filter_select_enabled": True,
            "fetch_values_predicate": None,
            "extra": None,
            "normalize_columns": False,
            "always_filter_main_dttm": False,
            "uuid": uuid,
            "metrics": metrics,
            "columns": [
                {
                    "column_name": column,
                    "verbose_name": labels.get(column) or column.replace("_", " ").capitalize(),
                    "is_dttm": kind in ("date", "timestamp"),
                    "is_active": True,
                    "type": _TYPES[kind],
                    "groupby": True,
                    "filterable": True,
                    "expression": None,
                    "description": None,
                    "python_date_format": None,
                    "extra": {},
                }
                for column, kind in columns.items()
            ],
            "version": VERSION,
            "database_uuid": self.uuid("database", self.target.database),
        }

    def _metric(self, kpi: Kpi) -> dict[str, Any]:
        certification = {
            "certified_by": ", ".join(owner.replace("_", " ") for owner in kpi.owners),
            "details": kpi.meta.definition,
        }
        made = self._metric_asset(kpi.metric, self.compiler.expression(kpi), about([kpi]))
        return {**made, "extra": {"certification": certification}}

    def _measure(self, fact: str, name: str) -> dict[str, Any]:
        metric = self.catalog.facts[fact].measure(name)
        return self._metric_asset(metric, self.compiler.measure(fact, metric.sql), metric.label)

    def _metric_asset(self, metric: Metric, expression: str, text: str) -> dict[str, Any]:
        money = metric.unit in ("money", "money per day")
        currency = {"symbol": self.target.currency, "symbolPosition": "prefix"}
        return {
            "metric_name": metric.name,
            "verbose_name": metric.label,
            "metric_type": None,
            "expression": expression,
            "description": text,
            "d3format": charts.number_format(metric),
            "currency": json.dumps(currency) if money else None,
            "extra": {},
            "warning_text": None,
        }

    # -- filters ---------------------------------------------------------------------------------

    def _time_filter(
        self, spec: Dashboard, shown: dict[int, tuple[Tile, dict[str, str]]]
    ) -> dict[str, Any]:
        outside = [number for number, (tile, _) in shown.items() if self._time(tile) is None]
        chosen = self._time_range(spec.months)
        return {
            "id": "NATIVE_FILTER-time",
            "type": "NATIVE_FILTER",
            "name": "Period",
            "description": "Complete months; what stands under Today is about now.",
            "filterType": "filter_time",
            "targets": [{}],
            "cascadeParentIds": [],
            "scope": {"rootPath": ["ROOT_ID"], "excluded": outside},
            "controlValues": {"enableEmptyFilter": False},
            "defaultDataMask": {
                "extraFormData": {"time_range": chosen},
                "filterState": {"value": chosen},
            },
        }

    def _time_range(self, months: int) -> str:
        today = self.target.today
        if today is None:
            end = 'DATETRUNC(DATETIME("now"), MONTH)'
            return f"DATEADD({end}, -{months}, MONTH) : {end}"
        first = today.year * 12 + today.month - 1 - months
        return f"{date(first // 12, first % 12 + 1, 1)} : {today.replace(day=1)}"

    def _select_filter(
        self, select: Filter, shown: dict[int, tuple[Tile, dict[str, str]]]
    ) -> dict[str, Any] | None:
        """None when no tile has the column."""
        outside = [n for n, (_, columns) in shown.items() if select.column not in columns]
        if len(outside) == len(shown):
            return None
        return {
            "id": f"NATIVE_FILTER-{select.column}",
            "type": "NATIVE_FILTER",
            "name": select.label,
            "description": "",
            "filterType": "filter_select",
            "targets": [
                {"column": {"name": select.column}, "datasetUuid": self._filter_dataset(select)}
            ],
            "cascadeParentIds": [],
            "scope": {"rootPath": ["ROOT_ID"], "excluded": outside},
            "controlValues": {
                "multiSelect": True,
                "enableEmptyFilter": False,
                "inverseSelection": False,
                "searchAllOptions": False,
            },
            "defaultDataMask": {"extraFormData": {}, "filterState": {}},
        }


class _Layout:
    """The `position` of a dashboard: tabs, rows, charts and texts."""

    def __init__(self, title: str) -> None:
        self.tabs_id = "TABS-crmkpi"
        self.position: dict[str, Any] = {
            "DASHBOARD_VERSION_KEY": "v2",
            "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
            "GRID_ID": {
                "type": "GRID",
                "id": "GRID_ID",
                "children": [self.tabs_id],
                "parents": ["ROOT_ID"],
            },
            "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": title}},
            self.tabs_id: {
                "type": "TABS",
                "id": self.tabs_id,
                "children": [],
                "parents": ["ROOT_ID", "GRID_ID"],
                "meta": {},
            },
        }

    def _add(self, parent: str, key: str, kind: str, meta: dict[str, Any]) -> str:
        above = self.position[parent]
        above["children"].append(key)
        self.position[key] = {
            "type": kind,
            "id": key,
            "children": [],
            "parents": [*above["parents"], parent],
            "meta": meta,
        }
        return key

    def tab(self, tab: Tab) -> str:
        meta = {"text": tab.title, "defaultText": "Tab title", "placeholder": "Tab title"}
        return self._add(self.tabs_id, f"TAB-{_slug(tab.title)}", "TAB", meta)

    def row(self, tab: str, index: int) -> str:
        key = f"ROW-{tab.removeprefix('TAB-')}-{index}"
        return self._add(tab, key, "ROW", {"background": "BACKGROUND_TRANSPARENT"})

    def chart(
        self, row: str, index: int, tile: Tile, height: int, uuid: str, title: str, number: int
    ) -> None:
        meta = {
            "chartId": number,
            "uuid": uuid,
            "width": tile.width,
            "height": height,
            "sliceName": title,
        }
        self._add(row, f"CHART-{row.removeprefix('ROW-')}-{index}", "CHART", meta)

    def text(self, row: str, index: int, text: str, width: int, height: int) -> None:
        meta = {"code": text, "width": width, "height": height}
        self._add(row, f"MARKDOWN-{row.removeprefix('ROW-')}-{index}", "MARKDOWN", meta)


def about(kpis: Sequence[Kpi]) -> str:
    """What stands behind the info sign: formula, owner, review, thresholds, action."""
    return "\n\n".join(_about(kpi) for kpi in kpis)


def _about(kpi: Kpi) -> str:
    meta = kpi.meta
    lines = [f"{meta.label}: {meta.question}", f"Definition: {meta.definition}"]
    owners = " and ".join(owner.replace("_", " ") for owner in kpi.owners)
    lines.append(f"Owner: {owners}. Review: {meta.review}. Refresh: {meta.refresh}.")
    if meta.thresholds is not None:
        side = "below" if meta.good == "up" else "above"
        lines.append(f"Warn {side} {meta.thresholds.warn:g}, act {side} {meta.thresholds.act:g}.")
    lines.append(f"When it gets worse: {meta.action}")
    return "\n".join(lines)


def _slug(text: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in text.lower()).strip("_")


def _order(item: tuple[str, Any]) -> tuple[int, str]:
    folders = ["metadata.yaml", "databases", "datasets", "charts", "dashboards"]
    return folders.index(item[0].split("/")[0]), item[0]

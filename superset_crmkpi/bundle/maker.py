"""From dashboard specs and compiled facts to Superset assets.

Every uuid is a uuid5 of the asset's name, so two builds are equal to the byte. A tile whose data
the warehouse lacks becomes a text that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from superset_crmkpi.base.types import Type
from superset_crmkpi.bundle.assets import Bundle, RoleGrant
from superset_crmkpi.bundle.cards import Goal
from superset_crmkpi.bundle.colors import label_colors
from superset_crmkpi.bundle.datasets import Datasets, about, certification
from superset_crmkpi.bundle.labelled import read_as
from superset_crmkpi.bundle.layout import Layout, Placed
from superset_crmkpi.bundle.look import CSS
from superset_crmkpi.bundle.query_context import query_context
from superset_crmkpi.bundle.record_links import RecordLinks, with_link
from superset_crmkpi.bundle.row_rules import row_rules
from superset_crmkpi.bundle.target import VERSION, Target, database_asset, slug
from superset_crmkpi.bundle.tiles import Drawing, TileCharts
from superset_crmkpi.catalogue.definitions import Catalog, Kpi
from superset_crmkpi.catalogue.display import role_name
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.dashboards.spec import Dashboard, Filter, Tile, time_of
from superset_crmkpi.language.text import Text


class BundleMaker:
    """Makes the bundle of some dashboards; `why_not` tells why a KPI cannot be had (or "")."""

    def __init__(
        self,
        catalog: Catalog,
        compiler: Compiler,
        target: Target,
        why_not: Callable[[Kpi], str] = lambda kpi: "",
        all_rows: Collection[str] | None = None,
        goals: Mapping[str, Goal] | None = None,
        links: RecordLinks | None = None,
    ) -> None:
        """`all_rows`: the audiences that see all rows; None where everybody does.

        `goals`: of KPIs, by name.
        """
        self.catalog = catalog
        self.say = catalog.language.say
        self.compiler = compiler
        self.target = target
        self.why_not = why_not
        self.all_rows = all_rows
        self.tiles = TileCharts(catalog, compiler, target.currency, goals or {})
        self.links = links

    def make(self, dashboards: Sequence[Dashboard]) -> Bundle:
        """All assets, and one role per dashboard."""
        # begun anew each time: nothing of one bundle is in the next
        self.datasets = Datasets(self.catalog, self.compiler, self.target, self.why_not, self.links)
        self.assets: dict[str, dict[str, Any]] = {}
        self._numbers = 0
        roles = [self._dashboard(dashboard) for dashboard in dashboards]
        metadata = {
            "version": VERSION,
            "type": "assets",
            "timestamp": "2026-01-01T00:00:00+00:00",
        }
        made = {
            "metadata.yaml": metadata,
            **database_asset(self.target),
            **self.datasets.made,
            **self.assets,
        }
        if self.all_rows is not None:
            made |= row_rules(self.datasets, list(map(self._role, self.all_rows)))
        return Bundle(dict(sorted(made.items(), key=_order)), tuple(roles), self.target.name)

    def _dashboard(self, spec: Dashboard) -> RoleGrant:
        title = self.target.title(self.say(spec.title))
        layout = Layout(title)
        shown: dict[int, tuple[Tile, dict[str, Type]]] = {}
        datasets: list[str] = []
        for tab in spec.tabs:
            tab_id = layout.tab(tab, self.say(tab.title))
            for r, row in enumerate(tab.rows):
                row_id = layout.row(tab_id, row, r)
                for t, tile in enumerate(row.tiles):
                    reason = self._reason(tile)
                    if tile.text is not None or reason:
                        text = self._missing(tile, reason) if tile.text is None else tile.text
                        layout.text(row_id, t, self.say(text), tile.width, row.height)
                        continue
                    charts_of, dataset = self._charts(spec, tile, row.height)
                    if dataset not in datasets:
                        datasets.append(dataset)
                    above = layout.column(row_id, tile) if len(charts_of) > 1 else row_id
                    for chart in charts_of:
                        self._numbers += 1
                        layout.chart(above, chart, tile.width, self._numbers)
                        shown[self._numbers] = (tile, self._columns(self._fact(tile)))
        drawn_tiles = list({tile.name: tile for tile, _ in shown.values()}.values())
        filters = [self._time_filter(spec, shown)]
        for select in spec.filters:
            made = self._select_filter(select, shown)
            if made is not None:
                filters.append(made)
                dataset = self.datasets.of_filter(select)
                if dataset not in datasets:
                    datasets.append(dataset)
        uuid = self.target.uuid("dashboard", spec.slug)
        self.assets[f"dashboards/{slug(spec.title)}.yaml"] = {
            "dashboard_title": title,
            "description": self.say(spec.description),
            "css": CSS,
            "slug": self.target.address(spec.slug),
            "certified_by": "",
            "certification_details": "",
            "published": True,
            "uuid": uuid,
            "position": layout.position,
            "metadata": {
                "color_scheme": "",  # each chart has its own
                "refresh_frequency": 0,
                "cross_filters_enabled": True,
                "chart_configuration": {},
                "global_chart_configuration": {
                    "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
                    "chartsInScope": sorted(shown),
                },
                "native_filter_configuration": filters,
                "expanded_slices": {},
                "label_colors": label_colors(drawn_tiles, self.catalog),
                "timed_refresh_immune_slices": [],
            },
            "version": VERSION,
        }
        return RoleGrant(self._role(spec.audience), (uuid,), tuple(datasets))

    def _role(self, audience: str) -> str:
        return f"{self.target.name} {audience.replace('_', ' ').title()}"

    # -- tiles -----------------------------------------------------------------------------------

    def _kpis(self, tile: Tile) -> list[Kpi]:
        return [self.catalog.kpis[name] for name in tile.kpi]

    def _fact(self, tile: Tile) -> str:
        return tile.fact or self._kpis(tile)[0].fact

    def _columns(self, fact: str) -> dict[str, Type]:
        return self.datasets.columns_of(fact)

    def _reason(self, tile: Tile) -> str:
        if tile.fact is not None and tile.fact not in self.catalog.facts:
            return self.say("None of its KPIs can be computed here.")
        return next((why for why in map(self.why_not, self._kpis(tile)) if why), "")

    def _missing(self, tile: Tile, reason: str) -> str:
        question = "".join(f"*{kpi.meta.question}*\n\n" for kpi in self._kpis(tile)[:1])
        lacking = self.say(Text("No data yet. {reason}", reason=reason))
        return f"#### {self.tiles.title(tile)}\n\n{question}{lacking}"

    def _charts(self, spec: Dashboard, tile: Tile, height: int) -> tuple[list[Placed], str]:
        """Makes the charts of a tile, one below the other, and their dataset; gives its uuid."""
        fact, kpis = self._fact(tile), self._kpis(tile)
        dataset = self.datasets.of_fact(fact, spec.audience)
        found = []
        for drawing in self.tiles.made(tile, self._columns(fact), height):
            if tile.chart == "list" and self.datasets.link(fact):
                drawing = replace(drawing, params=with_link(drawing.params))
            found.append(Placed(drawing, self._chart(spec, drawing, kpis, dataset)))
        return found, dataset

    def _chart(self, spec: Dashboard, drawing: Drawing, kpis: list[Kpi], dataset: str) -> str:
        """Makes one chart; gives its uuid."""
        uuid = self.target.uuid("chart", f"{spec.slug}/{drawing.name}")
        params = drawing.params
        self.assets[f"charts/{slug(spec.slug)}_{slug(drawing.name)}.yaml"] = {
            "slice_name": drawing.title,
            "description": about(kpis, self.catalog.language),
            "certified_by": self.say(role_name(kpis[0].owners[0])) if kpis else "",
            "certification_details": (
                certification(kpis[0], self.catalog.language) if kpis else ""
            ),
            "viz_type": params["viz_type"],
            "params": params,
            "query_context": query_context(params),
            "cache_timeout": None,
            "uuid": uuid,
            "version": VERSION,
            "dataset_uuid": dataset,
        }
        return uuid

    # -- filters ---------------------------------------------------------------------------------

    def _time_filter(
        self, spec: Dashboard, shown: dict[int, tuple[Tile, dict[str, Type]]]
    ) -> dict[str, Any]:
        outside = [
            number for number, (tile, _) in shown.items() if time_of(tile, self.catalog) is None
        ]
        chosen = self.time_range(spec.months)
        return {
            "id": "NATIVE_FILTER-time",
            "type": "NATIVE_FILTER",
            "name": self.say("Period"),
            "description": self.say("Complete months; what stands under Today is about now."),
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

    def time_range(self, months: int) -> str:
        """What the time filter shows at first."""
        today = self.target.today
        if today is None:
            end = 'DATETRUNC(DATETIME("now"), MONTH)'
            return f"DATEADD({end}, -{months}, MONTH) : {end}"
        first = today.year * 12 + today.month - 1 - months
        return f"{date(first // 12, first % 12 + 1, 1)} : {today.replace(day=1)}"

    def _select_filter(
        self, select: Filter, shown: dict[int, tuple[Tile, dict[str, Type]]]
    ) -> dict[str, Any] | None:
        """None when no tile has the column."""
        if not any(select.column in columns for _, columns in shown.values()):
            return None
        column = read_as(select.column, self._columns(select.from_))
        outside = [n for n, (_, columns) in shown.items() if column not in columns]
        return {
            "id": f"NATIVE_FILTER-{select.column}",
            "type": "NATIVE_FILTER",
            "name": self.say(select.label),
            "description": "",
            "filterType": "filter_select",
            "targets": [
                {"column": {"name": column}, "datasetUuid": self.datasets.of_filter(select)}
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


def _order(item: tuple[str, Any]) -> tuple[int, str]:
    folders = ["metadata.yaml", "databases", "datasets", "charts", "dashboards", "rules"]
    return folders.index(item[0].split("/")[0]), item[0]

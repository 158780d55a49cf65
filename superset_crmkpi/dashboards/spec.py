"""The dashboard spec: `dashboards/<audience>.yaml`, one readable page per audience.

audience: pipeline
title: Pipeline Operations
slug: crm-pipeline
filters:
  - {label: Team, column: team, from: opportunities}
tabs:
  - title: Today
    use: operating
    rows:
      - height: 45
        tiles:
          - {kpi: stalled_deals, chart: list, columns: [...], where: {is_stalled: 1}, order: -days}
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from superset_crmkpi.base.documents import Strict, first_fault, line_of, read_document, short
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.catalogue.definitions import NONE, Catalog, Metric, Thresholds
from superset_crmkpi.dashboards.rules import RULES
from superset_crmkpi.plugins.definitions import Folder, Folders, installed

Chart = Literal[
    "number",
    "trend",
    "line",
    "bar",
    "ranking",
    "table",
    "list",
    "waterfall",
    "heatmap",
    "tree",
]
Grain = Literal["day", "week", "month", "quarter", "year"]


class Filter(Strict):
    """Values of `column` of the fact `from` to choose; acts on tiles that have the column."""

    label: str
    column: str
    from_: str = Field(alias="from")


class Tile(Strict):
    """A KPI (or several of one fact) drawn as `chart`; or `text` alone."""

    kpi: list[str] = Field(default_factory=list)
    chart: Chart | None = None
    text: str | None = None
    title: str | None = None
    #: in place of the KPI's own fact: one that shows it otherwise (as a list or by a `measure`),
    #: or, without `kpi`, one that holds KPIs itself, such as the scorecard
    fact: str | None = None
    #: a further aggregate of the KPI's fact (see `measures` there) drawn in place of the KPI
    measure: list[str] = Field(default_factory=list)
    #: stable name of the tile; made from kpi, chart and by when left out
    id: str | None = None
    by: list[str] = Field(default_factory=list)
    #: columns of a list
    columns: list[str] = Field(default_factory=list)
    #: fixed filter: column -> value or list of values
    where: dict[str, str | int | float | list[str]] = Field(default_factory=dict)
    #: column of a list -> d3 format, where that of its type does not fit
    formats: dict[str, str] = Field(default_factory=dict)
    #: column of a list -> below which value it turns yellow (`warn`) and red (`act`)
    levels: dict[str, Thresholds] = Field(default_factory=dict)
    #: column to sort a list by; `-` in front for worst (highest) first
    order: str | None = None
    limit: int = 100
    #: time column, when not the KPI's own; `none` for tiles about now
    time: str | None = None
    grain: Grain = "month"
    width: int = Field(default=4, ge=1, le=12)

    @field_validator("kpi", "by", "measure", mode="before")
    @classmethod
    def _many(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _whole(self) -> Tile:
        if self.text is None and (not (self.kpi or self.fact) or self.chart is None):
            raise ValueError("a tile has `kpi` and `chart`, or `text`")
        if self.fact is not None and (self.chart not in ("list", "tree") or self.title is None):
            cut = (self.chart == "table" and self.by) or self.chart == "number"
            if not self.kpi and not (cut and self.measure and self.title):
                raise ValueError(
                    "a tile of a `fact` without `kpi` is a `list` with a `title`, a `table` of its "
                    "`measure` by a dimension, or a `number` of its `measure`"
                )
            if not self.measure and self.chart != "list":
                raise ValueError("a KPI on another `fact` is drawn by a `measure` of that fact")
        if self.chart == "list" and not self.columns:
            raise ValueError("a list names its `columns`")
        return self

    @property
    def name(self) -> str:
        """Unique name within the dashboard."""
        if self.id:
            return self.id
        where = [str(v) for v in self.where.values() if isinstance(v, str)]
        parts = [self.fact or "", *self.kpi, *self.measure, self.chart or "text", *self.by, *where]
        return "_".join(part for part in parts if part)


class Row(Strict):
    """Tiles side by side; `height` in units of eight pixels.

    A row with `needs` (entities, or entity.column) stands only where a profile has them all.
    """

    height: int = Field(default=45, ge=6)
    needs: list[str] = Field(default_factory=list)
    tiles: list[Tile] = Field(min_length=1)


class Tab(Strict):
    title: str
    use: Literal["operating", "reporting"]
    rows: list[Row] = Field(min_length=1)


class Dashboard(Strict):
    """One dashboard. `months` is how many complete months the time filter shows at first.

    One that `replaces` takes the place of that of its audience and slug.
    """

    audience: str
    title: str
    slug: str
    description: str
    replaces: bool = False
    months: int = 12
    filters: list[Filter] = Field(default_factory=list)
    tabs: list[Tab] = Field(min_length=1)

    @property
    def tiles(self) -> list[Tile]:
        return [tile for tab in self.tabs for row in tab.rows for tile in row.tiles]


@dataclass(frozen=True)
class Spec:
    """A dashboard with the file that it was read from, and the folder of that."""

    board: Dashboard
    path: Path
    folder: Folder

    def __str__(self) -> str:
        return self.folder.shown(self.path)


def load_dashboards(catalog: Catalog, folders: Folders | None = None) -> list[Dashboard]:
    """The dashboards that `load_specs` reads."""
    return [spec.board for spec in load_specs(catalog, folders)]


def load_specs(catalog: Catalog, folders: Folders | None = None) -> list[Spec]:
    """All specs of `folders` (of all that is installed), checked against the catalogue.

    CrmKpiError names file, line and key, or both files where two are of one audience or slug.
    """
    specs: list[Spec] = []
    for folder in installed() if folders is None else folders:
        for path in folder.files("dashboards", ending=".yaml"):
            with folder.named():
                spec = Spec(read_dashboard(path, catalog), path, folder)
            place = _place(spec, specs)
            specs[place : place + 1] = [spec]
    return specs


def _place(spec: Spec, others: list[Spec]) -> int:
    """Where it goes among those before it: to the end, or where that is which it replaces."""
    places = []
    for key in ("audience", "slug"):
        word, value = f"{key}: {getattr(spec.board, key)}", getattr(spec.board, key)
        place = next((n for n, o in enumerate(others) if getattr(o.board, key) == value), None)
        if place is None and spec.board.replaces:
            raise CrmKpiError(f"{spec}: `replaces`: there is no dashboard of `{word}` to replace")
        if place is not None and not spec.board.replaces:
            raise CrmKpiError(f"{spec}: `{word}` is that of {others[place]} too; choose another")
        places.append(len(others) if place is None else place)
    if places[0] < len(others) and spec.folder.rank <= others[places[0]].folder.rank:
        raise CrmKpiError(f"{spec}: `replaces`: {others[places[0]]} is there already; keep one")
    if places[0] != places[1]:
        raise CrmKpiError(f"{spec}: `replaces`: its audience and slug are of two dashboards")
    return places[0]


def read_dashboard(path: Path, catalog: Catalog) -> Dashboard:
    """One spec."""
    document = read_document(path)
    try:
        dashboard = Dashboard.model_validate(document.content)
    except ValidationError as error:
        first = first_fault(error, Dashboard)
        line = line_of(document.tree, first.keys)
        raise CrmKpiError(short(f"{path.name} line {line}: {first}")) from error
    for fault in lint(dashboard, catalog):
        raise CrmKpiError(short(f"{path.name}: {fault}"))
    return dashboard


def drawn(tile: Tile, catalog: Catalog) -> tuple[str, list[Metric]]:
    """The fact a tile reads, and what its chart draws: measures in place of KPIs, in a table both.

    A tile that reads another fact than its KPI's draws measures of that fact alone.
    """
    kpis = [catalog.kpis[name] for name in tile.kpi]
    fact = tile.fact or kpis[0].fact
    measures = [catalog.facts[fact].measure(name) for name in tile.measure]
    # a report is its table
    metrics = [
        kpi.metric for kpi in kpis if tile.fact is None and not (kpi.meta.report and measures)
    ]
    return fact, metrics + measures if tile.chart == "table" or not measures else measures


def time_of(tile: Tile, catalog: Catalog) -> str | None:
    """The time column a tile is drawn and filtered by; None for one about now."""
    default = NONE if tile.fact is not None else catalog.kpis[tile.kpi[0]].meta.time
    chosen = tile.time or default
    return None if chosen == NONE else chosen


def facts_of(dashboards: Iterable[Dashboard], catalog: Catalog) -> list[str]:
    """The facts that tiles read, each once; those that the catalogue lacks are left out."""
    tiles = [tile for board in dashboards for tile in board.tiles if tile.text is None]
    named = [tile.fact or catalog.kpis[tile.kpi[0]].fact for tile in tiles]
    return [fact for fact in dict.fromkeys(named) if fact in catalog.facts]


def lint(dashboard: Dashboard, catalog: Catalog) -> list[str]:
    """What is wrong with a spec that the schema cannot tell."""
    return [fault for rule in RULES for fault in rule(dashboard, catalog)]

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

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from superset_crmkpi.base.documents import Strict, first_fault, line_of, read_document, short
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.catalogue.definitions import NONE, Catalog, Metric, Thresholds
from superset_crmkpi.plugins.definitions import Folders, installed

Chart = Literal[
    "number",
    "trend",
    "line",
    "bar",
    "ranking",
    "table",
    "list",
    "funnel",
    "waterfall",
    "heatmap",
    "tree",
]
Grain = Literal["day", "week", "month", "quarter", "year"]
EXECUTIVE = "executive"
MAX_EXECUTIVE = 10
#: filters that a person still takes in
MAX_FILTERS = 6


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
            cut = self.chart == "table" and self.by and self.measure and self.title
            if not self.kpi and not cut:
                raise ValueError(
                    "a tile of a `fact` without `kpi` is a `list` with a `title`, or a `table` of "
                    "its `measure` by a dimension"
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
    """One dashboard. `months` is how many complete months the time filter shows at first."""

    audience: str
    title: str
    slug: str
    description: str
    months: int = 12
    filters: list[Filter] = Field(default_factory=list)
    tabs: list[Tab] = Field(min_length=1)

    @property
    def tiles(self) -> list[Tile]:
        return [tile for tab in self.tabs for row in tab.rows for tile in row.tiles]


def load_dashboards(catalog: Catalog, folders: Folders | None = None) -> list[Dashboard]:
    """All specs of `folders` (of all that is installed), checked against the catalogue.

    CrmKpiError names file, line and key, or both files where two are of one audience or slug.
    """
    boards: list[Dashboard] = []
    taken: dict[str, str] = {}
    for folder in installed() if folders is None else folders:
        for path in folder.files("dashboards", ending=".yaml"):
            with folder.named():
                board = read_dashboard(path, catalog)
            for key in ("audience", "slug"):
                word = f"{key}: {getattr(board, key)}"
                other = taken.setdefault(word, folder.shown(path))
                if other != folder.shown(path):
                    raise CrmKpiError(
                        f"{folder.shown(path)}: `{word}` is that of {other} too; choose another"
                    )
            boards.append(board)
    return boards


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


def _names_are_taken_once(dashboard: Dashboard, catalog: Catalog) -> Iterator[str]:
    seen: set[str] = set()
    for tile in dashboard.tiles:
        if tile.text is None and tile.name in seen:
            yield f"two tiles are named `{tile.name}`; give one an `id`"
        seen |= {tile.name} if tile.text is None else set()


def _tiles_draw_what_is_there(dashboard: Dashboard, catalog: Catalog) -> Iterator[str]:
    for tile in dashboard.tiles:
        if tile.text is None and tile.kpi:
            yield from (f"tile `{tile.name}`: {fault}" for fault in _of_tile(tile, catalog))


def _of_tile(tile: Tile, catalog: Catalog) -> Iterator[str]:
    unknown = [kpi for kpi in tile.kpi if kpi not in catalog.kpis]
    if unknown:
        yield f"no such KPI: {unknown[0]}"
        return
    if len({catalog.kpis[kpi].fact for kpi in tile.kpi}) > 1:
        yield "its KPIs are of different facts"
    fact = tile.fact or catalog.kpis[tile.kpi[0]].fact
    if fact not in catalog.facts:
        yield f"no such fact: {fact}"
        return
    meta = catalog.facts[fact].meta
    for measure in tile.measure:
        if measure not in meta.measures:
            yield f"its fact has no measure `{measure}`"
    for column in meta.pick:
        if not isinstance(tile.where.get(column), str):
            yield f"pick one `{column}` under `where`"


def _levels_have_no_total(dashboard: Dashboard, catalog: Catalog) -> Iterator[str]:
    for tile in dashboard.tiles:
        for kpi in tile.kpi:
            known = kpi in catalog.kpis and tile.chart == "number" and tile.time != NONE
            if known and catalog.kpis[kpi].meta.over_time == "last":
                yield (
                    f"tile `{tile.name}`: `{kpi}` is a level: a total over periods is no number; "
                    "use `trend`, or a fact of the present"
                )


def _trends_are_of_months(dashboard: Dashboard, catalog: Catalog) -> Iterator[str]:
    for tile in dashboard.tiles:
        if tile.chart == "trend" and tile.grain in ("day", "week"):
            yield f"tile `{tile.name}`: a trend goes by month, quarter or year; use `line`"


def _rows_are_full(dashboard: Dashboard, catalog: Catalog) -> Iterator[str]:
    for row in [row for tab in dashboard.tabs for row in tab.rows]:
        if sum(tile.width for tile in row.tiles) != 12:
            names = ", ".join(tile.name for tile in row.tiles)
            yield f"the row of {names} is not 12 columns wide"


def _rates_stand_beside_counts(dashboard: Dashboard, catalog: Catalog) -> Iterator[str]:
    """What was done says nothing without what came of it."""
    for tab in dashboard.tabs:
        named = [name for row in tab.rows for tile in row.tiles for name in tile.kpi]
        shown = [catalog.kpis[name] for name in named if name in catalog.kpis]
        counts = [k.name for k in shown if k.meta.unit == "count" and k.meta.kind == "activity"]
        if tab.use == "reporting" and counts and all(k.meta.unit == "count" for k in shown):
            yield f"tab `{tab.title}`: `{counts[0]}` counts what was done; put a rate beside it"


def _executives_see_little(dashboard: Dashboard, catalog: Catalog) -> Iterator[str]:
    if dashboard.audience != EXECUTIVE:
        return
    shown = [tile for tile in dashboard.tiles if tile.chart != "table" and tile.kpi]
    numbers = [tile for tile in shown if not _is_sentence(tile, catalog)]
    headline = {kpi for tile in numbers for kpi in tile.kpi}
    if len(headline) > MAX_EXECUTIVE:
        yield f"{len(headline)} metrics; executives see at most {MAX_EXECUTIVE}"
    if len(dashboard.tabs) > 1:
        yield "the executive dashboard is one tab"


def _filters_are_few(dashboard: Dashboard, catalog: Catalog) -> Iterator[str]:
    if len(dashboard.filters) > MAX_FILTERS:
        yield f"{len(dashboard.filters)} filters; people take in at most {MAX_FILTERS}"


def _is_sentence(tile: Tile, catalog: Catalog) -> bool:
    """Whether it says something in words, not in a number."""
    if any(kpi not in catalog.kpis for kpi in tile.kpi):
        return False  # which is told by another rule
    fact = catalog.facts.get(tile.fact or catalog.kpis[tile.kpi[0]].fact)
    known = fact.meta.measures if fact is not None else {}
    return bool(tile.measure) and all(
        name in known and known[name].unit == "text" for name in tile.measure
    )


RULES: tuple[Callable[[Dashboard, Catalog], Iterator[str]], ...] = (
    _names_are_taken_once,
    _tiles_draw_what_is_there,
    _levels_have_no_total,
    _trends_are_of_months,
    _rows_are_full,
    _rates_stand_beside_counts,
    _executives_see_little,
    _filters_are_few,
)

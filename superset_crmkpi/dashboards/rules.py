"""What a dashboard spec has to keep to beyond its schema: each rule yields its faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from superset_crmkpi.catalogue.definitions import NONE, Catalog

if TYPE_CHECKING:
    from superset_crmkpi.dashboards.spec import Dashboard, Tile

EXECUTIVE = "executive"
MAX_EXECUTIVE = 10
#: filters that a person still takes in
MAX_FILTERS = 6


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

"""A dashboard as a profile has it: without rows it has no data for, and as its packs want it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from superset_crmkpi.dashboards.spec import Dashboard, Row, Tab, Tile
from superset_crmkpi.profile.packs import Pack

COLUMNS = 12


def fitted(dashboard: Dashboard, packs: Sequence[Pack]) -> Dashboard:
    """The dashboard without what the packs leave out; a row that lost tiles is filled again."""
    without = {kpi for pack in packs for kpi in pack.without}
    instead = {old: new for pack in packs for old, new in pack.replace.items()}
    if not without and not instead:
        return dashboard
    shown: set[str] = set()
    tabs = []
    for tab in dashboard.tabs:
        rows: list[Row] = []
        heading: Row | None = None
        for row in tab.rows:
            if all(tile.text is not None for tile in row.tiles):
                heading = row
                continue
            tiles = [_fitted(tile, without, instead, shown) for tile in row.tiles]
            kept = [tile for tile in tiles if tile is not None]
            if heading is not None and len(kept) == len(tiles):
                rows.append(heading)  # it names the tiles below it, one by one
            heading = None
            if any(tile.text is None for tile in kept):
                rows.append(Row(height=row.height, tiles=_filled(row.tiles, kept)))
        if rows:
            tabs.append(Tab(title=tab.title, use=tab.use, rows=rows))
    return dashboard.model_copy(update={"tabs": tabs})


def answered(dashboard: Dashboard, lacks: Callable[[str], str]) -> Dashboard:
    """The dashboard without rows whose `needs` are not met; `lacks` says why one is not."""
    tabs = [
        tab.model_copy(update={"rows": [r for r in tab.rows if not any(map(lacks, r.needs))]})
        for tab in dashboard.tabs
    ]
    return dashboard.model_copy(update={"tabs": tabs})


def _fitted(
    tile: Tile, without: set[str], instead: Mapping[str, str], shown: set[str]
) -> Tile | None:
    if tile.text is not None or not tile.kpi:
        return tile
    if len(tile.kpi) == 1 and tile.kpi[0] in instead and tile.chart in ("number", "trend"):
        new = instead[tile.kpi[0]]
        if new in shown:
            return None
        shown.add(new)
        return Tile(kpi=[new], chart="number", time="none", width=tile.width)
    kept = [kpi for kpi in tile.kpi if kpi not in without and kpi not in instead]
    return tile.model_copy(update={"kpi": kept}) if kept else None


def _filled(before: Sequence[Tile], kept: Sequence[Tile]) -> list[Tile]:
    """The tiles widened to what the row filled before."""
    missing = sum(tile.width for tile in before) - sum(tile.width for tile in kept)
    each, rest = divmod(missing, len(kept))
    return [
        tile.model_copy(update={"width": min(COLUMNS, tile.width + each + (place < rest))})
        for place, tile in enumerate(kept)
    ]

"""A dashboard without personal data: tiles show ids in its place, or say what they cannot show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from superset_crmkpi.catalogue.definitions import Catalog
from superset_crmkpi.dashboards.spec import Dashboard, Row, Tab, Tile

#: what a tile says that can only be drawn of personal data
LEFT_OUT = (
    "Names of people, their addresses and what they wrote are left out; with "
    "`personal_data: true` the profile shows them."
)


def impersonal(dashboard: Dashboard, catalog: Catalog) -> Dashboard:
    """The dashboard over datasets that have no personal data; tiles keep their names."""
    facts = catalog.facts
    filters = [
        one
        for one in dashboard.filters
        if one.from_ not in facts or one.column not in facts[one.from_].meta.personal
    ]
    tabs = [
        Tab(title=tab.title, use=tab.use, rows=[_row(row, catalog) for row in tab.rows])
        for tab in dashboard.tabs
    ]
    return dashboard.model_copy(update={"filters": filters, "tabs": tabs})


def _row(row: Row, catalog: Catalog) -> Row:
    return row.model_copy(update={"tiles": [_tile(tile, catalog) for tile in row.tiles]})


def _tile(tile: Tile, catalog: Catalog) -> Tile:
    if tile.text is not None:
        return tile
    fact = tile.fact or catalog.kpis[tile.kpi[0]].fact
    personal = catalog.facts[fact].meta.personal if fact in catalog.facts else {}
    order = (tile.order or "").removeprefix("-")
    named = {*tile.by, *tile.columns, *tile.where, *tile.formats, *tile.levels, order}
    if not named & set(personal):
        return tile
    columns, by = _instead(tile.columns, personal), _instead(tile.by, personal)
    is_lost = set(tile.where) & set(personal) or len(by) < len(tile.by)
    if is_lost or (tile.columns and not columns):
        title = tile.title or catalog.kpis[tile.kpi[0]].meta.label
        return tile.model_copy(
            update={"id": tile.name, "chart": None, "text": f"#### {title}\n\n{LEFT_OUT}"}
        )
    sorted_by = _instead([order] if order else [], personal)
    sign = "-" if (tile.order or "").startswith("-") else ""
    return tile.model_copy(
        update={
            "id": tile.name,
            "columns": columns,
            "by": by,
            "formats": {k: v for k, v in tile.formats.items() if k not in personal},
            "levels": {k: v for k, v in tile.levels.items() if k not in personal},
            "order": sign + sorted_by[0] if sorted_by else None,
        }
    )


def _instead(names: Iterable[str], personal: Mapping[str, str | None]) -> list[str]:
    """The columns, each once, with what stands in for those that are personal data."""
    shown = [personal.get(name, name) for name in names]
    return list(dict.fromkeys(name for name in shown if name is not None))

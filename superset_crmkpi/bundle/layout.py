"""The `position` of a Superset dashboard: tabs, rows, charts and texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from superset_crmkpi.bundle.target import slug
from superset_crmkpi.bundle.tiles import Drawing
from superset_crmkpi.dashboards.spec import Row, Tab, Tile


@dataclass(frozen=True)
class Placed:
    """A chart that was made."""

    drawing: Drawing
    uuid: str


class Layout:
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
        while key in self.position:  # a pack may put the same tile in two places
            key += "-again"
        above["children"].append(key)
        self.position[key] = {
            "type": kind,
            "id": key,
            "children": [],
            "parents": [*above["parents"], parent],
            "meta": meta,
        }
        return key

    def tab(self, tab: Tab, title: str) -> str:
        meta = {"text": title, "defaultText": "Tab title", "placeholder": "Tab title"}
        return self._add(self.tabs_id, tab_key(tab), "TAB", meta)

    def row(self, tab: str, row: Row, index: int) -> str:
        """Named by its first tile: what people change in it is theirs wherever it goes."""
        first = next((slug(tile.name) for tile in row.tiles if tile.text is None), f"text-{index}")
        key = f"ROW-{tab.removeprefix('TAB-')}-{first}"
        return self._add(tab, key, "ROW", {"background": "BACKGROUND_TRANSPARENT"})

    def column(self, row: str, tile: Tile) -> str:
        """Of charts one below the other."""
        meta = {"width": tile.width, "background": "BACKGROUND_TRANSPARENT"}
        return self._add(row, f"COLUMN-{slug(tile.name)}", "COLUMN", meta)

    def chart(self, above: str, chart: Placed, width: int, number: int) -> None:
        """Into a row or a column; `number` is unique within the dashboard."""
        meta: dict[str, Any] = {
            "chartId": number,
            "uuid": chart.uuid,
            "width": width,
            "height": chart.drawing.height,
            "sliceName": chart.drawing.title,
        }
        if chart.drawing.heading:
            meta["sliceNameOverride"] = chart.drawing.heading
        self._add(above, f"CHART-{slug(chart.drawing.name)}", "CHART", meta)

    def text(self, row: str, index: int, text: str, width: int, height: int) -> None:
        meta = {"code": text, "width": width, "height": height}
        self._add(row, text_key(row, index), "MARKDOWN", meta)


def text_key(row: str, index: int) -> str:
    """What a text is known by: its row and its place there."""
    return f"MARKDOWN-{row.removeprefix('ROW-')}-{index}"


def tab_key(tab: Tab) -> str:
    """What a tab is known by, in the layout and in the address of the page."""
    return f"TAB-{slug(tab.title)}"

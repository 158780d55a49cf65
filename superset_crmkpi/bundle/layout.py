"""The `position` of a Superset dashboard: tabs, rows, charts and texts."""

from __future__ import annotations

from typing import Any

from superset_crmkpi.bundle.target import slug
from superset_crmkpi.dashboards.spec import Row, Tab, Tile


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

    def tab(self, tab: Tab) -> str:
        meta = {"text": tab.title, "defaultText": "Tab title", "placeholder": "Tab title"}
        return self._add(self.tabs_id, f"TAB-{slug(tab.title)}", "TAB", meta)

    def row(self, tab: str, row: Row, index: int) -> str:
        """Named by its first tile: what people change in it is theirs wherever it goes."""
        first = next((slug(tile.name) for tile in row.tiles if tile.text is None), f"text-{index}")
        key = f"ROW-{tab.removeprefix('TAB-')}-{first}"
        return self._add(tab, key, "ROW", {"background": "BACKGROUND_TRANSPARENT"})

    def chart(self, row: str, tile: Tile, height: int, uuid: str, title: str, number: int) -> None:
        meta = {
            "chartId": number,
            "uuid": uuid,
            "width": tile.width,
            "height": height,
            "sliceName": title,
        }
        self._add(row, f"CHART-{slug(tile.name)}", "CHART", meta)

    def text(self, row: str, index: int, text: str, width: int, height: int) -> None:
        meta = {"code": text, "width": width, "height": height}
        self._add(row, f"MARKDOWN-{row.removeprefix('ROW-')}-{index}", "MARKDOWN", meta)

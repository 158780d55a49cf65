"""The `position` of a dashboard as tabs of rows of items, whoever made it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from superset_crmkpi.bundle.tiles import GUTTER

CHART, COLUMN, TEXT = "CHART", "COLUMN", "MARKDOWN"


@dataclass(frozen=True)
class Chart:
    """A chart in the layout; `heading` is what stands above it in place of its name, or empty."""

    uuid: str
    height: int
    heading: str
    name: str


@dataclass(frozen=True)
class Item:
    """What stands in a row: one chart, a column of charts, a text, or something else."""

    key: str
    kind: str
    width: int
    charts: tuple[Chart, ...] = ()
    text: str = ""
    text_height: int = 0
    #: a column with more than charts in it
    is_mixed: bool = False

    @property
    def height(self) -> int:
        """How high a row has to be for it."""
        if self.kind == TEXT:
            return self.text_height
        gaps = GUTTER * max(len(self.charts) - 1, 0)
        return sum(chart.height for chart in self.charts) + gaps


@dataclass(frozen=True)
class PlacedRow:
    key: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class PlacedTab:
    key: str
    title: str
    rows: tuple[PlacedRow, ...]
    #: what stands in it and is no row: kind and text
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Places:
    """A layout. `beside`: what stands on the page and not in a tab of the page's tabs."""

    tabs: tuple[PlacedTab, ...] = ()
    beside: tuple[str, ...] = ()
    #: every chart that is shown, also in places that only Superset has
    charts: Mapping[str, Chart] = field(default_factory=dict)
    has_tabs: bool = True

    def rows(self) -> Iterator[tuple[PlacedTab, PlacedRow]]:
        for tab in self.tabs:
            for row in tab.rows:
                yield tab, row


def places_of(position: Mapping[str, Any]) -> Places:
    """What stands where; nodes that are not reached from the root are not there."""
    nodes = _Nodes(position)
    top = nodes.below("ROOT_ID")
    page = [
        one for key in top for one in (nodes.below(key) if nodes.kind(key) == "GRID" else [key])
    ]
    tabs = next((key for key in page if nodes.kind(key) == "TABS"), None)
    beside = [nodes.told(key) for key in page if key != tabs]
    shown = {chart.uuid: chart for chart in nodes.charts()}
    if tabs is None:
        return Places(beside=tuple(beside), charts=shown, has_tabs=False)
    made = tuple(_tab(nodes, key) for key in nodes.below(tabs) if nodes.kind(key) == "TAB")
    return Places(made, tuple(beside), shown)


def _tab(nodes: _Nodes, key: str) -> PlacedTab:
    rows, others = [], []
    for below in nodes.below(key):
        if nodes.kind(below) == "ROW":
            items = tuple(_item(nodes, one) for one in nodes.below(below))
            rows.append(PlacedRow(below, items))
        else:
            others.append(nodes.told(below))
    return PlacedTab(key, str(nodes.meta(key).get("text", "")), tuple(rows), tuple(others))


def _item(nodes: _Nodes, key: str) -> Item:
    kind, meta = nodes.kind(key), nodes.meta(key)
    width = _number(meta.get("width"))
    if kind == TEXT:
        text = str(meta.get("code", ""))
        return Item(key, kind, width, text=text, text_height=_number(meta.get("height")))
    if kind not in (CHART, COLUMN):
        return Item(key, kind, width, text=nodes.told(key))
    within = [key] if kind == CHART else nodes.below(key)
    charts = tuple(nodes.chart(one) for one in within if nodes.kind(one) == CHART)
    return Item(key, kind, width, charts, is_mixed=len(charts) < len(within))


class _Nodes:
    """The nodes of a position, each of which stands in one place."""

    def __init__(self, position: Mapping[str, Any]) -> None:
        self.nodes = {key: node for key, node in position.items() if isinstance(node, dict)}
        self._below: dict[str, list[str]] = {}
        taken, waiting = {"ROOT_ID"}, ["ROOT_ID"]
        while waiting:
            key = waiting.pop(0)
            named = self.nodes.get(key, {}).get("children") or []
            below = [one for one in dict.fromkeys(map(str, named)) if one in self.nodes]
            self._below[key] = [one for one in below if one not in taken]
            taken.update(below)
            waiting += self._below[key]

    def kind(self, key: str) -> str:
        return str(self.nodes[key].get("type", ""))

    def meta(self, key: str) -> Mapping[str, Any]:
        found = self.nodes[key].get("meta")
        return found if isinstance(found, dict) else {}

    def below(self, key: str) -> Sequence[str]:
        return self._below.get(key, [])

    def chart(self, key: str) -> Chart:
        meta = self.meta(key)
        heading, name = meta.get("sliceNameOverride"), meta.get("sliceName")
        height = _number(meta.get("height"))
        return Chart(str(meta.get("uuid")), height, str(heading or ""), str(name or ""))

    def charts(self) -> list[Chart]:
        """All that are reached from the root."""
        reached = [key for key in self._below if key in self.nodes]
        return [self.chart(key) for key in reached if self.kind(key) == CHART]

    def told(self, key: str) -> str:
        """A node in words."""
        meta = self.meta(key)
        text = meta.get("text") or meta.get("code") or meta.get("sliceName") or ""
        return " ".join(filter(None, [self.kind(key).lower(), f"`{text}`" if text else ""]))


def _number(value: Any) -> int:
    return int(value) if isinstance(value, (int, float)) else 0

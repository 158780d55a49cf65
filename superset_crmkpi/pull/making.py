"""How the specs of a profile become what Superset gets, and which part of that is which tile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from superset_crmkpi.bundle.layout import text_key
from superset_crmkpi.bundle.maker import BundleMaker
from superset_crmkpi.bundle.target import Target
from superset_crmkpi.bundle.tiles import LINE
from superset_crmkpi.catalogue.definitions import Catalog
from superset_crmkpi.dashboards.spec import Dashboard, Spec, Tile
from superset_crmkpi.pull.places import Places, places_of

#: a tile of a spec by the numbers of its tab, its row and its place there
Ref = tuple[int, int, int]
Content = Mapping[str, Any]


@dataclass(frozen=True)
class Making:
    """`fitted` takes out of a spec what a profile has no use for; `shown` what it may not show."""

    specs: Sequence[Spec]
    fitted: Callable[[Dashboard], Dashboard]
    shown: Callable[[Dashboard], Dashboard]
    maker: BundleMaker
    personal_data: bool = False

    @property
    def catalog(self) -> Catalog:
        return self.maker.catalog

    @property
    def target(self) -> Target:
        return self.maker.target

    def made(self, spec: Dashboard) -> Made:
        """What becomes of a spec."""
        board = self.shown(self.fitted(spec))
        assets = self.maker.make([board]).assets
        charts = {str(a["uuid"]): a for p, a in assets.items() if p.startswith("charts/")}
        (content,) = [a for p, a in assets.items() if p.startswith("dashboards/")]
        datasets = {str(a["uuid"]): a for p, a in assets.items() if p.startswith("datasets/")}
        columns = {
            uuid: frozenset(str(column["column_name"]) for column in dataset["columns"])
            for uuid, dataset in datasets.items()
        }
        placed = places_of(content["position"])
        return Made(spec, board, content, charts, columns, placed, *self._known(spec, placed))

    def stand_in(self, tile: Tile, column: str) -> str | None:
        """What a list shows in the place of a column of a spec: None where nothing may."""
        if self.personal_data:
            return column
        fact = tile.fact or self.catalog.kpis[tile.kpi[0]].fact
        return self.catalog.facts[fact].meta.personal.get(column, column)

    def _known(self, spec: Dashboard, placed: Places) -> tuple[dict[str, Any], ...]:
        """The nodes of the layout stand in the order of the fitted spec, and mean its tiles."""
        followed = self.fitted(_numbered(spec))
        tiles: dict[str, Ref] = {}
        charts: dict[str, tuple[Ref, int]] = {}
        texts: dict[str, Ref] = {}
        lacking: dict[str, tuple[Ref, int]] = {}
        rows: dict[str, tuple[int, int]] = {}
        tabs: dict[str, int] = {}
        titles = [tab.title for tab in spec.tabs]
        for tab, placed_tab in zip(followed.tabs, placed.tabs, strict=True):
            for row, placed_row in zip(tab.rows, placed_tab.rows, strict=True):
                both = zip(row.tiles, placed_row.items, strict=True)
                for place, (tile, item) in enumerate(both):
                    if tile.id is None:  # a pack put it in the place of another
                        continue
                    i, j, k = map(int, tile.id.split("."))
                    tiles[item.key] = (i, j, k)
                    rows.setdefault(placed_row.key, (i, j))
                    tabs.setdefault(placed_tab.key, i)
                    for part, chart in enumerate(item.charts):
                        charts[chart.uuid] = ((i, j, k), part)
                    if tile.text is None and item.charts:
                        texts[text_key(placed_row.key, place)] = (i, j, k)
                    elif tile.text is None:
                        name = f"{spec.slug}/{spec.tabs[i].rows[j].tiles[k].name}"
                        for part, below in enumerate(("", LINE)):
                            uuid = self.target.uuid("chart", name + below)
                            lacking[uuid] = ((i, j, k), part)
            tabs.setdefault(placed_tab.key, titles.index(tab.title))
        return tiles, charts, rows, tabs, texts, lacking


@dataclass(frozen=True)
class Made:
    """A spec, and what became of it."""

    spec: Dashboard
    board: Dashboard
    content: Content
    charts: Mapping[str, Content]
    #: uuid of a dataset -> its columns
    columns: Mapping[str, frozenset[str]]
    places: Places
    #: node of a row's item -> tile; chart -> tile and which of its charts; node -> row; node -> tab
    tiles: Mapping[str, Ref]
    parts: Mapping[str, tuple[Ref, int]]
    rows: Mapping[str, tuple[int, int]]
    tabs: Mapping[str, int]
    #: where Superset has another state of the data: text that would be there without any -> tile;
    #: chart that would be there with some -> tile and which of its charts
    texts: Mapping[str, Ref]
    lacking: Mapping[str, tuple[Ref, int]]

    def part(self, uuid: str) -> tuple[Ref, int] | None:
        """The tile that a chart is of, and which of its charts it is."""
        return self.parts.get(uuid) or self.lacking.get(uuid)

    def of_text(self, key: str) -> Ref | None:
        """The tile that a text of a layout is, be it only as long as there is no data."""
        return self.tiles[key] if key in self.tiles else self.texts.get(key)

    def tile(self, ref: Ref) -> Tile:
        i, j, k = ref
        return self.spec.tabs[i].rows[j].tiles[k]

    def is_text(self, ref: Ref) -> bool:
        """Whether its text is what the spec says, and not why it has no data."""
        return self.tile(ref).text is not None


def _numbered(spec: Dashboard) -> Dashboard:
    """The spec with the numbers of each tile as its id, to see where it goes."""
    tabs = []
    for i, tab in enumerate(spec.tabs):
        rows = []
        for j, row in enumerate(tab.rows):
            tiles = [
                tile.model_copy(update={"id": f"{i}.{j}.{k}"}) for k, tile in enumerate(row.tiles)
            ]
            rows.append(row.model_copy(update={"tiles": tiles}))
        tabs.append(tab.model_copy(update={"rows": rows}))
    return spec.model_copy(update={"tabs": tabs})

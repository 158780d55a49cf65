"""What a tile becomes: one chart, or a card with its trend below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from superset_crmkpi.bundle import charts
from superset_crmkpi.bundle.cards import Card, Goal, filled
from superset_crmkpi.bundle.labelled import labelled
from superset_crmkpi.bundle.tree import branches
from superset_crmkpi.catalogue.definitions import Catalog, Metric
from superset_crmkpi.compile.compiler import Compiler
from superset_crmkpi.dashboards.spec import Tile, drawn, time_of
from superset_crmkpi.language.numbers import Numbers, currency_symbol
from superset_crmkpi.language.text import marked

#: of a trend, in units of eight pixels: the card, and what lies between it and its line
CARD_HEIGHT, GUTTER = 26, 2
#: ends the name of the line of a trend
LINE = "_line"
#: what heads that line, by the length of a period
BY = {
    "day": marked("by day"),
    "week": marked("by week"),
    "month": marked("by month"),
    "quarter": marked("by quarter"),
    "year": marked("by year"),
}


@dataclass(frozen=True)
class Drawing:
    """A chart of a tile: what it is named, titled and headed by, how high it is, its params."""

    name: str
    title: str
    height: int
    params: dict[str, Any]
    #: heads it on the dashboard in place of the title
    heading: str = ""


class TileCharts:
    """Makes the charts of tiles; `currency` is the code of the reporting currency."""

    def __init__(
        self, catalog: Catalog, compiler: Compiler, currency: str, goals: Mapping[str, Goal]
    ) -> None:
        self.catalog = catalog
        self.compiler = compiler
        self.currency = currency
        self.goals = goals
        self.language = catalog.language
        self.numbers = Numbers(currency_symbol(currency), self.language)

    def title(self, tile: Tile) -> str:
        if tile.title:
            return self.language.say(tile.title)
        return self.catalog.kpis[tile.kpi[0]].meta.label

    def made(self, tile: Tile, columns: Mapping[str, str], height: int) -> list[Drawing]:
        """The charts one below the other; `columns` are the dataset's (name -> type)."""
        fact, metrics = drawn(tile, self.catalog)
        time = time_of(tile, self.catalog)
        title = self.title(tile)
        if tile.chart == "tree":
            params = charts.tree_params(tile, self._compiled(fact, branches(self.language)))
        elif tile.chart in ("number", "trend"):
            goal = self.goals.get(metrics[0].name, Goal())
            axis = time if tile.chart == "trend" else None
            card = Card(metrics[0], self.numbers, goal, axis, tile.grain)
            params = charts.card_params(tile, card, self._beside(fact, card), time)
        else:
            params = self._params(labelled(tile, columns), metrics, columns, time)
        if tile.chart != "trend":
            return [Drawing(tile.name, title, height, params)]
        line = self._params(tile, metrics, columns, time)
        by, below = self.language.say(BY[tile.grain]), height - CARD_HEIGHT - GUTTER
        return [
            Drawing(tile.name, title, CARD_HEIGHT, params),
            Drawing(f"{tile.name}{LINE}", f"{title}, {by}", below, line, by[:1].upper() + by[1:]),
        ]

    def _params(
        self, tile: Tile, metrics: list[Metric], columns: Mapping[str, str], time: str | None
    ) -> dict[str, Any]:
        return charts.params(tile, metrics, columns, time, self.currency, self.language)

    def _beside(self, fact: str, card: Card) -> dict[str, str]:
        """What stands beside a card's value, in the SQL of the engine."""
        value = self.compiler.measure(fact, card.metric.sql)
        newest = self.compiler.measure(fact, f"max({card.time})") if card.time else ""
        parts = self._compiled(fact, card.columns())
        return {name: filled(sql, value, newest) for name, sql in parts.items()}

    def _compiled(self, fact: str, aggregates: Mapping[str, str]) -> dict[str, str]:
        return {name: self.compiler.measure(fact, sql) for name, sql in aggregates.items()}

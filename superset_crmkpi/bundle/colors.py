"""Which colour a series has, where several metrics stand in one chart.

A dashboard of Superset gives a name one colour in all of its charts. A metric that is alone in a
chart has the first of the palette there, so that two of them would look alike where they meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from superset_crmkpi.catalogue.definitions import Catalog, Metric
from superset_crmkpi.dashboards.spec import Tile, drawn

#: the first of Superset's own palette, dark enough for a line
PALETTE = ("#1FA8C9", "#454E7C", "#5AC189", "#FF7F44", "#A868B7", "#666666")
#: charts that draw a series per metric
_SERIES = ("line", "bar", "ranking")


def label_colors(tiles: Iterable[Tile], catalog: Catalog) -> dict[str, str]:
    """Name and label of each metric that meets another in a chart -> its colour."""
    found: dict[str, str] = {}
    for tile in tiles:
        if tile.chart in _SERIES:
            metrics = drawn(tile, catalog)[1]
            if len(metrics) > 1:
                _color(metrics, found)
    return found


def _color(metrics: Sequence[Metric], found: dict[str, str]) -> None:
    """Each gets a colour that none of the others has; one that it has already stays."""
    taken = {found[metric.name] for metric in metrics if metric.name in found}
    free = (color for color in PALETTE if color not in taken)
    for metric in metrics:
        if metric.name not in found:
            color = next(free, PALETTE[-1])
            found[metric.name] = found[metric.label] = color

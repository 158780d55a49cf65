"""Tiles and filters by what people read, in place of what is stored."""

from __future__ import annotations

from collections.abc import Collection

from superset_crmkpi.compile.labels import label_column
from superset_crmkpi.dashboards.spec import Tile


def read_as(column: str, columns: Collection[str]) -> str:
    """The label column of a column where it is among `columns`, else the column itself."""
    return label_column(column) if label_column(column) in columns else column


def labelled(tile: Tile, columns: Collection[str]) -> Tile:
    """The tile grouped, listed and sorted by label columns; `columns` are those of its dataset.

    Its `where` stays: it compares with what is stored. So does its name, which makes its uuid.
    """
    sign = "-" if (tile.order or "").startswith("-") else ""
    order = (tile.order or "").removeprefix("-")
    return tile.model_copy(
        update={
            "id": tile.name,
            "by": [read_as(name, columns) for name in tile.by],
            "columns": [read_as(name, columns) for name in tile.columns],
            "order": sign + read_as(order, columns) if order else None,
        }
    )

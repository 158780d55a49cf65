"""What is taken over and what is not, a line each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import count
from typing import Any

from superset_crmkpi.dashboards.spec import Dashboard, Row, Tab, Tile
from superset_crmkpi.installer.edits import GONE

LONGEST = 80  # characters of a value
OF_TILES = (
    "title", "chart", "by", "columns", "where", "order", "limit", "grain", "width",
)  # fmt: skip


@dataclass(frozen=True)
class Change:
    """Something that is otherwise; `tile` is empty for what is of the whole dashboard."""

    tile: str
    what: str
    before: Any = None
    after: Any = None

    def __str__(self) -> str:
        change = f"{_told(self.before)} -> {_told(self.after)}"
        only_said = self.before is None and self.after is None
        return ": ".join(filter(None, [self.tile, self.what, "" if only_said else change]))

    def to_dict(self) -> dict[str, Any]:
        return {key: None if value is GONE else value for key, value in asdict(self).items()}


def _told(value: Any) -> str:
    if value is GONE or value is None:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def spec_changes(before: Dashboard, after: Dashboard) -> list[Change]:
    """What makes one spec the other; tiles are known by their names, texts by what they say."""
    found = [*_of_board(before, after), *_of_tabs(before, after), *_of_tiles(before, after)]
    if not found and before != after:
        return [Change("", "layout")]
    return found


def _of_board(before: Dashboard, after: Dashboard) -> Iterator[Change]:
    for key in ("title", "description", "months"):
        if getattr(before, key) != getattr(after, key):
            yield Change("", key, getattr(before, key), getattr(after, key))
    names = {one.column: one.label for one in after.filters}
    for one in before.filters:
        now = names.get(one.column, GONE)
        if now != one.label:
            yield Change("", f"filter {one.column}", one.label, now)


def _of_tabs(before: Dashboard, after: Dashboard) -> Iterator[Change]:
    old, new = ([tab.title for tab in board.tabs] for board in (before, after))
    if old != new:
        yield Change("", "tabs", old, new)
    was, now = _rows(before), _rows(after)
    stayed = [name for name in was if name in now]
    for name in stayed:
        height, after_height = was[name][1].height, now[name][1].height
        if height != after_height:
            yield Change(name, "height of its row", height, after_height)
    # of rows that were in one tab, and are
    for tabs in dict.fromkeys((was[name][0], now[name][0]) for name in stayed):
        ordered = [
            [name for name in rows if name in stayed and (was[name][0], now[name][0]) == tabs]
            for rows in (was, now)
        ]
        if ordered[0] != ordered[1]:
            yield Change("", f"order of rows of `{tabs[1]}`", *ordered)


def _rows(board: Dashboard) -> dict[str, tuple[str, Row]]:
    """Rows by their first tile that is no text, each with the title of its tab."""
    found: dict[str, tuple[str, Row]] = {}
    for tab in board.tabs:
        for row in tab.rows:
            first = next((tile for tile in row.tiles if tile.text is None), row.tiles[0])
            found[_once(_name(first), found)] = (tab.title, row)
    return found


def _name(tile: Tile) -> str:
    return tile.name if tile.text is None else f"text `{' '.join(tile.text.split())}`"


def _once(name: str, taken: Mapping[str, Any]) -> str:
    """The name, with a number where it is taken."""
    several = (f"{name} {number}" for number in count(2))
    return name if name not in taken else next(one for one in several if one not in taken)


def _of_tiles(before: Dashboard, after: Dashboard) -> Iterator[Change]:
    old, new = _placed(before), _placed(after)
    for name, (tile, tab, row) in old.items():
        if name not in new:
            yield Change(name, "taken out")
            continue
        now, tab_now, row_now = new[name]
        for key in OF_TILES:
            if getattr(tile, key) != getattr(now, key):
                yield Change(name, key, getattr(tile, key), getattr(now, key))
        if (tab.title, _order(row, new)) != (tab_now.title, _order(row_now, old)):
            yield Change(name, "place", _place(tab, row, name), _place(tab_now, row_now, name))
    yield from (Change(name, "added") for name in new if name not in old)


def _placed(board: Dashboard) -> dict[str, tuple[Tile, Tab, Row]]:
    found: dict[str, tuple[Tile, Tab, Row]] = {}
    for tab in board.tabs:
        for row in tab.rows:
            for tile in row.tiles:
                found[_once(_name(tile), found)] = (tile, tab, row)
    return found


def _order(row: Row, others: Mapping[str, Any]) -> list[str]:
    """Its tiles that the other spec has as well."""
    return [name for name in map(_name, row.tiles) if name in others]


def _place(tab: Tab, row: Row, name: str) -> str:
    """Where a tile stands: `Today, row of overdue_tasks_number, stalled_deals_number`."""
    others = [one for one in map(_name, row.tiles) if one != name]
    return f"{tab.title}, " + (f"row of {', '.join(map(_name, row.tiles))}" if others else "alone")

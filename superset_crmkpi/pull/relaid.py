"""The tabs, rows and tiles of a spec as people arranged them in Superset.

What a profile does not show (rows without data, tiles that a pack leaves out) stays where it was,
behind what stands before it in the spec.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from superset_crmkpi.dashboards.spec import Row, Tab, Tile
from superset_crmkpi.pull.making import Made, Ref
from superset_crmkpi.pull.places import TEXT, Item, PlacedRow, Places

FULL = 12


class Relaid:
    """`made` is what our spec became, `places` that as people have it now."""

    def __init__(self, made: Made, places: Places) -> None:
        self.made = made
        self.places = places
        self.before = {
            made.tiles[item.key]: item
            for _, row in made.places.rows()
            for item in row.items
            if item.key in made.tiles
        }
        #: key of an item -> the tile that it is
        self.of_item = dict(self._found())
        shown = {part[0] for part in map(made.part, places.charts) if part is not None}
        #: tiles in a place that no spec has: they stay where they were
        self.stuck = shown - set(self.of_item.values()) if places.has_tabs else set()
        self.placed: set[Ref] = set()

    def _found(self) -> Iterator[tuple[str, Ref]]:
        best: dict[Ref, tuple[int, str]] = {}
        for _, row in self.places.rows():
            for item in row.items:
                for ref, part in self._tiles_in(item):
                    if ref not in best or part < best[ref][0]:
                        best[ref] = (part, item.key)
        yield from ((key, ref) for ref, (_, key) in best.items())

    def _tiles_in(self, item: Item) -> list[tuple[Ref, int]]:
        """The tile of an item, and which of its charts comes first; none where it is no one."""
        if item.kind == TEXT:
            ref = self.made.of_text(item.key)
            return [] if ref is None else [(ref, 0)]
        parts = [p for p in (self.made.part(c.uuid) for c in item.charts) if p is not None]
        firsts = {ref: part for ref, part in parts if part == 0}
        if len(firsts) > 1:
            return []
        return list(firsts.items()) or parts[:1]

    def is_same(self) -> bool:
        """Whether nobody moved, sized or wrote anything."""
        return _signature(self.made.places) == _signature(self.places)

    def tabs(self) -> list[Tab]:
        """Tabs that may break a rule of specs: rows are as wide as people made them."""
        if self.is_same() or not self.places.has_tabs:
            return self.made.spec.tabs
        old = self.made.spec.tabs
        titles = {tab.key: tab.title for tab in self.made.places.tabs}
        made: list[tuple[int | None, Tab]] = []
        for placed in self.places.tabs:
            origin = self.made.tabs.get(placed.key)
            rows = [one for row in placed.rows if (one := self._row(row)) is not None]
            if origin is not None:
                rows = self._with_hidden_rows(origin, rows)
            if not rows:
                continue
            title, use = placed.title, self._use(placed.rows)
            if origin is not None:
                use = old[origin].use
                title = old[origin].title if title == titles[placed.key] else title
            made.append(
                (origin, Tab.model_construct(title=title, use=use, rows=[r for _, r in rows]))
            )
        for i in range(len(old)):
            if i not in self.made.tabs.values():
                made.insert(_behind(i, [origin for origin, _ in made]), (i, old[i]))
        return [tab for _, tab in made]

    def lost(self) -> list[Ref]:
        """Tiles that people still see, and the spec has no place for any more."""
        return [] if self.is_same() else sorted(self.stuck - self.placed)

    def is_in_spec(self, item: Item) -> bool:
        """Whether a spec can say what the item is."""
        is_own_text = item.kind == TEXT and self.made.of_text(item.key) is None
        return item.key in self.of_item or is_own_text

    def _row(self, row: PlacedRow) -> tuple[tuple[int, int] | None, Row] | None:
        """The row, and which of the spec it is; None where nothing of ours is left in it."""
        own = [item for item in row.items if self.is_in_spec(item)]
        if not own:
            return None
        origin = self.made.rows.get(row.key)
        widths = [self._width(item, origin) for item in own]
        if len(own) < len(row.items) and sum(widths) != FULL:
            # beside what is no tile of ours: as wide as without it
            widths = [self._usual(item) for item in own]
        tiles = [
            (self.of_item.get(item.key), self._tile(item, width))
            for item, width in zip(own, widths, strict=True)
        ]
        height = max(map(self._height, own))
        needs: list[str] = []
        if origin is not None:
            i, j = origin
            needs = self.made.spec.tabs[i].rows[j].needs
            tiles = self._with_hidden(origin, tiles)
        self.placed |= {ref for ref, _ in tiles if ref is not None}
        return origin, Row.model_construct(
            height=height, needs=needs, tiles=[tile for _, tile in tiles]
        )

    def _usual(self, item: Item) -> int:
        ref = self.of_item.get(item.key)
        return item.width if ref is None else self.made.tile(ref).width

    def _width(self, item: Item, row: tuple[int, int] | None) -> int:
        """As people made it, in a row that a pack had filled by as much as they changed it."""
        ref = self.of_item.get(item.key)
        if ref is None or ref[:2] != row:
            return item.width
        return self.made.tile(ref).width + item.width - self.before[ref].width

    def _height(self, item: Item) -> int:
        ref = self.of_item.get(item.key)
        if ref is not None and len(item.charts) < len(self.before[ref].charts):
            return self.before[ref].height
        return item.height

    def _tile(self, item: Item, width: int) -> Tile:
        ref = self.of_item.get(item.key)
        if ref is None:
            return Tile.model_construct(text=item.text, width=width)
        changes: dict[str, object] = {"width": width}
        if self.made.is_text(ref) and item.text != self.before[ref].text:
            changes["text"] = item.text
        return self.made.tile(ref).model_copy(update=changes)

    def _is_hidden(self, ref: Ref) -> bool:
        return ref not in self.before or ref in self.stuck

    def _with_hidden(
        self, origin: tuple[int, int], tiles: list[tuple[Ref | None, Tile]]
    ) -> list[tuple[Ref | None, Tile]]:
        i, j = origin
        for k, tile in enumerate(self.made.spec.tabs[i].rows[j].tiles):
            if self._is_hidden((i, j, k)):
                here = [ref[2] if ref and ref[:2] == origin else None for ref, _ in tiles]
                tiles.insert(_behind(k, here), ((i, j, k), tile))
        return tiles

    def _with_hidden_rows(
        self, tab: int, rows: list[tuple[tuple[int, int] | None, Row]]
    ) -> list[tuple[tuple[int, int] | None, Row]]:
        for j, row in enumerate(self.made.spec.tabs[tab].rows):
            refs = [(tab, j, k) for k in range(len(row.tiles))]
            if all(map(self._is_hidden, refs)) and self.placed.isdisjoint(refs):
                here = [origin[1] if origin and origin[0] == tab else None for origin, _ in rows]
                rows.insert(_behind(j, here), ((tab, j), row))
                self.placed.update(refs)
        return rows

    def _use(self, rows: Sequence[PlacedRow]) -> str:
        """Of a tab that people made: that of the tab where its first tile stood."""
        refs = [self.of_item[i.key] for row in rows for i in row.items if i.key in self.of_item]
        return self.made.spec.tabs[refs[0][0]].use if refs else "reporting"


def _behind(number: int, others: Sequence[int | None]) -> int:
    """Where something goes that stood behind the last of those of lower numbers."""
    before = [place for place, other in enumerate(others) if other is not None and other < number]
    nearest = max(before, key=lambda place: others[place] or 0, default=None)
    return 0 if nearest is None else nearest + 1


def _signature(places: Places) -> object:
    return [
        (tab.key, tab.title, [
            [(i.kind, i.width, i.height, i.text, [c.uuid for c in i.charts]) for i in row.items]
            for row in tab.rows if row.items
        ])
        for tab in places.tabs
    ]  # fmt: skip

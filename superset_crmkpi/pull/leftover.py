"""What an export has and the changed spec does not make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from superset_crmkpi.installer.edits import Edit
from superset_crmkpi.pull.export import Content
from superset_crmkpi.pull.making import Made, Ref
from superset_crmkpi.pull.normal import (
    chart_tree,
    dashboard_tree,
    differences,
    is_new_param,
    same,
)
from superset_crmkpi.pull.places import COLUMN, TEXT, Chart, Item, Places
from superset_crmkpi.pull.relaid import Relaid
from superset_crmkpi.pull.told import Change

#: what the comparison of places and headings tells, and what Superset counts
_TOLD_ELSEWHERE = frozenset(
    {
        "chartId",
        "code",
        "defaultText",
        "height",
        "placeholder",
        "sliceName",
        "sliceNameOverride",
        "text",
        "uuid",
        "width",
    }
)
Rows = list[tuple[str, list[str]]]


def left_over(
    made: Made,
    again: Made,
    content: Content,
    charts: Mapping[str, Content],
    places: Places,
    relaid: Relaid,
) -> Iterator[Change]:
    """`made` of the spec as it was, `again` of the changed one; the rest is the export's.

    What nobody changed is nobody's loss: only what is otherwise than `made` counts.
    """
    yield from _of_board(made, again, content, places)
    yield from _of_charts(made, again, charts, places)
    yield from _of_sizes(made, again, relaid, places)
    yield from _of_places(made, again, relaid, places)
    yield from _not_ours(made, charts, relaid, places)
    yield from _of_nodes(made.content["position"], content["position"], places)


def _of_board(made: Made, again: Made, content: Content, places: Places) -> Iterator[Change]:
    charts = [c for c in made.places.charts if c in places.charts and c in again.places.charts]
    before, after, now = (
        dashboard_tree(one, charts) for one in (made.content, content, again.content)
    )
    for edit in differences(before, after):
        if not same(now, edit.path, edit.after):
            yield Change("", str(edit), edit.before, edit.after)


def _of_charts(
    made: Made, again: Made, charts: Mapping[str, Content], places: Places
) -> Iterator[Change]:
    for uuid, (ref, part) in made.parts.items():
        name = _part_name(made, ref, part)
        if uuid not in again.charts:
            continue  # it was taken out
        if uuid not in places.charts or uuid not in charts:
            where = "on the dashboard" if uuid not in places.charts else "in the export"
            yield Change(name, f"its chart is not {where}, and stays on the tile")
            continue
        was = made.charts[uuid]["viz_type"]
        before, after, now = (
            chart_tree(assets[uuid], shown.charts[uuid].heading, was)
            for assets, shown in (
                (made.charts, made.places),
                (charts, places),
                (again.charts, again.places),
            )
        )
        left = [
            e
            for e in differences(before, after)
            if not same(now, e.path, e.after) and not _is_follower(e, part, places.charts[uuid])
        ]
        yield from (Change(name, str(e), e.before, e.after) for e in left if not is_new_param(e))
        added = {edit.path[-1]: edit.after for edit in left if is_new_param(edit)}
        if added:
            yield Change(name, "params that ours leave to Superset", {}, added)


def _is_follower(edit: Edit, part: int, shown: Chart) -> bool:
    """A name in the list of charts alone: ours follows from the title, theirs is behind it."""
    if edit.path != ("slice_name",):
        return False
    if part:
        return str(edit.after).rpartition(", ")[2] == str(edit.before).rpartition(", ")[2]
    return bool(shown.heading)


def _part_name(made: Made, ref: Ref, part: int) -> str:
    return made.tile(ref).name + (", the chart below" if part else "")


def _of_sizes(made: Made, again: Made, relaid: Relaid, places: Places) -> Iterator[Change]:
    names = {again.tile(ref).name: key for key, ref in again.tiles.items()}
    items = {item.key: item for _, row in again.places.rows() for item in row.items}
    found = {item.key: item for _, row in places.rows() for item in row.items}
    for key, ref in relaid.of_item.items():
        item, before = found[key], relaid.before[ref]
        if made.is_text(ref):
            continue
        name = made.tile(ref).name
        now = items[names[name]] if name in names else item
        if item.width not in (before.width, now.width):
            yield Change(name, "width", before.width, item.width)
        if item.kind == TEXT:
            if item.text not in (before.text, now.text):
                yield Change(name, "what it says of its data", before.text, item.text)
            if item.height not in (before.height, now.height):
                yield Change(name, "height", before.height, item.height)
        yield from _of_parts(made, before, item, places)
        for chart in item.charts:
            sizes = [s.charts[chart.uuid].height for s in (made.places, again.places)
                     if chart.uuid in s.charts]  # fmt: skip
            if chart.uuid in made.parts and chart.height not in sizes:
                part = _part_name(made, *made.parts[chart.uuid])
                yield Change(part, "height", sizes[0], chart.height)


def _of_parts(made: Made, before: Item, item: Item, places: Places) -> Iterator[Change]:
    """A card and its line that no longer stand one below the other."""
    usual = [chart.uuid for chart in before.charts]
    now = [chart.uuid for chart in item.charts if chart.uuid in usual]
    for uuid in usual:
        if uuid not in now and uuid in places.charts:
            yield Change(_part_name(made, *made.parts[uuid]), "stands apart from its tile")
    if len(now) == len(usual) and now != usual:
        yield Change(_part_name(made, *made.parts[now[0]]), "stands above what it is below")


def _rows(made: Made, places: Places, of_item: Mapping[str, Ref] | None = None) -> Rows:
    """Per row its tab and what a spec can say of its items."""

    def label(item: Item) -> str | None:
        ref = made.tiles.get(item.key) if of_item is None else of_item.get(item.key)
        if ref is not None and not made.is_text(ref):
            return made.tile(ref).name
        return f"text {item.text!r}" if item.kind == TEXT else None

    rows = [(t.title, [n for n in map(label, r.items) if n is not None]) for t, r in places.rows()]
    return [(title, names) for title, names in rows if names]


def _of_places(made: Made, again: Made, relaid: Relaid, places: Places) -> Iterator[Change]:
    if not places.has_tabs:
        yield Change("", "the dashboard has no tabs any more: its layout")
        return
    stuck = {made.tile(ref).name for ref in relaid.stuck}
    before, after, now = (
        [(tab, kept) for tab, names in rows if (kept := [n for n in names if n not in stuck])]
        for rows in (
            _rows(made, made.places),
            _rows(made, places, relaid.of_item),
            _rows(again, again.places),
        )
    )
    if after == now:
        return
    old, theirs, ours = map(_by_name, (before, after, now))
    found = False
    for name, where in theirs.items():
        if where not in (old.get(name), ours.get(name)):
            found = True
            yield Change(name, "place", old.get(name), where)
    if not found and before != after:
        yield Change("", "order of rows", *([names for _, names in rows] for rows in (now, after)))


def _by_name(rows: Rows) -> dict[str, str]:
    return {name: f"{title}: {', '.join(names)}" for title, names in rows for name in names}


def _not_ours(
    made: Made, charts: Mapping[str, Content], relaid: Relaid, places: Places
) -> Iterator[Change]:
    """Charts of people's own, and places that no spec has."""
    for uuid, chart in places.charts.items():
        if uuid in made.lacking:
            ref, part = made.lacking[uuid]
            yield Change(_part_name(made, ref, part), "has data there, and none by this profile")
        elif uuid not in made.charts:
            title = chart.heading or str(charts.get(uuid, {}).get("slice_name") or chart.name)
            yield Change("", f"a chart that is no tile of ours: `{title}`")
    for ref in sorted(relaid.stuck):
        yield Change(
            made.tile(ref).name, "stands in a place that no spec has; it stays where it was"
        )
    bare = [tab.key for tab in made.places.tabs if not tab.rows]
    for tab in places.tabs:
        yield from (Change("", f"tab `{tab.title}`: {told}") for told in tab.others)
        for row in tab.rows:
            for item in row.items:
                if not item.charts and item.kind not in (TEXT, COLUMN):
                    yield Change("", f"tab `{tab.title}`: {item.text}")
                elif item.is_mixed:
                    yield Change("", f"tab `{tab.title}`: a column that has more than charts in it")
        if not any(row.items for row in tab.rows) and tab.key not in bare:
            yield Change("", f"tab `{tab.title}`: has no tiles")
    if places.has_tabs:
        yield from (Change("", f"beside the tabs: {told}") for told in places.beside)


def _of_nodes(
    before: Mapping[str, Any], after: Mapping[str, Any], places: Places
) -> Iterator[Change]:
    """What else was chosen for a row, a column or a tab, such as a background."""
    keys = [*(t.key for t in places.tabs), *(r.key for _, r in places.rows())]
    keys += [item.key for _, row in places.rows() for item in row.items]
    for key in keys:
        if key not in before:
            continue
        old, new = before[key]["meta"], after[key].get("meta")
        if not isinstance(new, dict):
            continue
        for name in sorted({*old, *new} - _TOLD_ELSEWHERE):
            if old.get(name) != new.get(name):
                yield Change("", f"{key}: {name}", old.get(name), new.get(name))

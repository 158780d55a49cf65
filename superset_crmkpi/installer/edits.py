"""What people changed in an asset since we installed it, made to a new version of it as well.

Assets are trees of mappings. Three kinds of lists are more than a value: metrics, columns and
native filters are told apart by their names, and the children of a layout's node have an order in
which both sides may insert. All other lists are taken whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

Path = tuple[str, ...]
#: list -> what its items are known by
NAMED = {"metrics": "metric_name", "columns": "column_name", "native_filter_configuration": "id"}
#: lists in which both sides may insert
ORDERED = ("children",)
#: what stands for a value that is not there
GONE = object()


@dataclass(frozen=True)
class Edit:
    """A place whose value is another one than it was; `GONE` where there is, or was, none."""

    path: Path
    before: Any
    after: Any

    def __str__(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True)
class Replayed:
    """A new version with people's edits in it; `conflicts`: places that it changed as well."""

    content: dict[str, Any]
    kept: tuple[Edit, ...]
    conflicts: tuple[Edit, ...]


def as_tree(content: Mapping[str, Any]) -> dict[str, Any]:
    """A copy whose named lists are mappings, in their order."""
    return {key: _as_tree(key, value) for key, value in content.items()}


def _as_tree(key: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return as_tree(value)
    name = NAMED.get(key)
    if name and isinstance(value, list) and all(_is_named(item, name) for item in value):
        return {str(item[name]): as_tree(item) for item in value}
    return deepcopy(value)


def _is_named(item: Any, name: str) -> bool:
    return isinstance(item, Mapping) and name in item


def as_content(tree: Mapping[str, Any], key: str = "") -> Any:
    """The opposite of `as_tree`."""
    made = {k: as_content(v, k) if isinstance(v, Mapping) else deepcopy(v) for k, v in tree.items()}
    name = NAMED.get(key)
    if name and all(_is_named(item, name) for item in made.values()):
        return list(made.values())
    return made


def edits(before: Mapping[str, Any], after: Mapping[str, Any], path: Path = ()) -> Iterator[Edit]:
    """What makes one tree the other, the deepest places that differ."""
    for key in dict.fromkeys([*before, *after]):
        one, other = before.get(key, GONE), after.get(key, GONE)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            yield from edits(one, other, (*path, key))
        elif one is GONE or other is GONE or one != other:
            yield Edit((*path, key), one, other)


def replayed(
    changes: Sequence[Edit], old: Mapping[str, Any], new: Mapping[str, Any], take: str = "theirs"
) -> Replayed:
    """`new` (a tree) with the changes that people made to `old`.

    A place that both changed is people's, or ours where `take` is `ours`; it is told either way.
    """
    content = deepcopy(dict(new))
    kept, conflicts = [], []
    for edit in changes:
        was, now = value_at(old, edit.path), value_at(new, edit.path)
        if now is not GONE and _equal(now, edit.after):
            continue
        ordered = edit.path[-1] in ORDERED and isinstance(edit.after, list)
        if ordered and isinstance(now, list):
            both = inserted(was if isinstance(was, list) else [], now, edit.after)
            put(content, edit.path, both)
            kept.append(edit)
            continue
        nowhere = not isinstance(value_at(new, edit.path[:-1]), Mapping)
        if not _equal(was, now) or nowhere:
            conflicts.append(edit)
            if take == "ours":
                continue
        else:
            kept.append(edit)
        put(content, edit.path, edit.after)
    return Replayed(content, tuple(kept), tuple(conflicts))


def inserted(old: Sequence[Any], new: Sequence[Any], theirs: Sequence[Any]) -> list[Any]:
    """Their order, without what we took out since, and with what we put in behind its neighbour."""
    found = [item for item in theirs if item in new or item not in old]
    for place, item in enumerate(new):
        if item in old or item in found:
            continue
        before = next((n for n in reversed(new[:place]) if n in found), None)
        found.insert(found.index(before) + 1 if before is not None else 0, item)
    return found


def value_at(tree: Any, path: Path) -> Any:
    """The value at a place, `GONE` where there is none."""
    for key in path:
        if not isinstance(tree, Mapping) or key not in tree:
            return GONE
        tree = tree[key]
    return tree


def put(tree: dict[str, Any], path: Path, value: Any) -> None:
    """Set a value, or take it out where it is `GONE`; a place below nothing is left alone."""
    for key in path[:-1]:
        inner = tree.get(key)
        if not isinstance(inner, dict):
            return
        tree = inner
    if value is GONE:
        tree.pop(path[-1], None)
    else:
        tree[path[-1]] = deepcopy(value)


def _equal(one: Any, other: Any) -> bool:
    return one is other if GONE in (one, other) else bool(one == other)

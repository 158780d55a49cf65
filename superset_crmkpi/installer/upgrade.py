"""A new version of an asset that is there already, with what people changed in it since.

The ledger keeps an asset twice: as we installed it, and as that Superset exports it when nobody has
touched it. What differs between that export and today's is what people did.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from superset_crmkpi.bundle.query_context import asks_for, query_context
from superset_crmkpi.installer.edits import (
    Edit,
    as_content,
    as_tree,
    edits,
    put,
    replayed,
    value_at,
)
from superset_crmkpi.installer.gateway import Content, LedgerEntry
from superset_crmkpi.installer.ledger import without_secrets
from superset_crmkpi.installer.numbers import with_numbers, without_numbers

#: whose change counts where both changed the same; with COPY ours, and theirs stays beside it
THEIRS, OURS, COPY = "theirs", "ours", "copy"
WHOSE = {
    THEIRS: "theirs stays",
    OURS: "ours is taken",
    COPY: "ours is taken, theirs stays as a copy",
}


@dataclass(frozen=True)
class Upgrade:
    """What to write in place of the new version alone, and what of it is people's."""

    content: Content
    kept: tuple[Edit, ...] = ()
    conflicts: tuple[Edit, ...] = ()
    #: all that people changed since they got the last version, and that version as a tree
    changes: tuple[Edit, ...] = ()
    ours: Mapping[str, Any] = field(default_factory=dict)
    #: what this version has otherwise than the last one
    new_in: tuple[Edit, ...] = ()
    #: metrics that only stay for charts of other people, and which charts
    still_used: tuple[str, ...] = ()
    #: columns that are gone, and what of people's needs them
    missed: tuple[str, ...] = ()

    def remark(self, take: str = THEIRS) -> str:
        """One line for the plan: what this version changes, and what becomes of people's edits."""
        told = []
        if self.new_in:
            told.append(f"new: {_named(self.new_in)}")
        if self.kept:
            told.append(f"edits kept: {_named(self.kept)}")
        if self.conflicts:
            whose = WHOSE[take]
            told.append(f"changed by both, {whose}: {_named(self.conflicts)}")
        if self.still_used:
            told.append(f"not in this version, but kept: {'; '.join(self.still_used)}")
        if self.missed:
            told.append(f"columns gone that people use: {'; '.join(self.missed)}")
        return "; ".join(told)

    def fields(self) -> dict[str, list[str]]:
        """The fields of which `remark` tells, all of them, for a program."""
        return {
            "new": [str(edit) for edit in self.new_in],
            "kept": [str(edit) for edit in self.kept],
            "conflicts": [str(edit) for edit in self.conflicts],
            "still_used": list(self.still_used),
            "missed": list(self.missed),
        }

    def untouched(self, kind: str, exported: Content) -> dict[str, Any]:
        """The export of the asset, once written, as it would be without people's edits."""
        tree = comparable(kind, exported)
        for edit in self.changes:
            put(tree, edit.path, value_at(self.ours, edit.path))
        return tree


def upgrade(
    kind: str,
    installed: LedgerEntry,
    exported: Content,
    ours: Content,
    take: str = THEIRS,
    remade: Collection[str] = (),
) -> Upgrade:
    """`installed` is the ledger's; `exported` what is there now; `ours` the version to come.

    `remade`: uuids of data that was deleted, and is made again; what an asset lost with it comes
    back.
    """
    new = comparable(kind, ours)
    old = comparable(kind, installed.content)
    new_in = tuple(edits(old, new))
    changes = tuple(
        edit for edit in changed_by_people(installed, exported) if not _fell_with(edit, remade)
    )
    if not changes:
        return Upgrade(ours, ours=new, new_in=new_in)
    made = replayed(changes, old, new, take)
    content = as_content(made.content)
    if kind == "chart":
        content["query_context"] = _context(content["params"], ours, exported)
    if kind == "database":
        content |= _address(content, ours, exported)
    if kind == "dashboard":
        content = with_numbers({**content, "position": reachable(content.get("position", {}))})
    return Upgrade(content, made.kept, made.conflicts, changes, new, new_in)


def _fell_with(edit: Edit, remade: Collection[str]) -> bool:
    """Whether all that is gone there named what was deleted."""
    before, after = repr((edit.path, edit.before)), repr(edit.after)
    return any(uuid in before and uuid not in after for uuid in remade)


def changed_by_people(installed: LedgerEntry, exported: Content) -> tuple[Edit, ...]:
    """What differs from what was installed; nothing where an older ledger cannot tell."""
    if installed.untouched is None:
        return ()
    untouched = _without_worked_out(installed.kind, installed.untouched)
    return tuple(edits(untouched, comparable(installed.kind, exported)))


def comparable(kind: str, content: Content) -> dict[str, Any]:
    """A content or an export as a tree of what people may change; a password is no part of it."""
    if kind == "database":
        return as_tree(without_secrets(content))
    if kind == "dashboard":
        return as_tree(without_numbers(content))
    return as_tree(_without_worked_out(kind, content))


def _without_worked_out(kind: str, content: Content) -> dict[str, Any]:
    """Without what follows from something else in it."""
    return {k: v for k, v in content.items() if (kind, k) != ("chart", "query_context")}


def _context(params: Content, *charts: Content) -> Any:
    """The `query_context` of merged params: one of other params would answer another question.

    That of the first of the charts that asks for these params. Else it is built; None where only
    the frontend can, which does so when somebody saves the chart.
    """
    for chart in charts:
        saved = chart.get("query_context")
        if saved and asks_for(saved, params):
            return saved
    return query_context(params)


def _address(merged: Content, ours: Content, exported: Content) -> dict[str, Any]:
    """Where a connection leads: ours with its password, or what people set, with theirs."""
    is_ours = merged["sqlalchemy_uri"] == without_secrets(ours)["sqlalchemy_uri"]
    chosen = ours if is_ours else exported
    return {key: chosen[key] for key in ("sqlalchemy_uri", "password") if key in chosen}


def reachable(position: Mapping[str, Any]) -> dict[str, Any]:
    """The nodes of a layout that stand in it, their places written anew."""
    found = {key: node for key, node in position.items() if not isinstance(node, dict)}
    waiting: list[tuple[str, list[str]]] = [
        (key, []) for key in ("ROOT_ID", "HEADER_ID") if key in position
    ]
    while waiting:
        key, above = waiting.pop(0)
        node = dict(position[key])
        if "children" in node:
            children = [one for one in dict.fromkeys(node["children"]) if one in position]
            node["children"] = [one for one in children if one not in found]
            waiting += [(one, [*above, key]) for one in node["children"]]
        if above:
            node["parents"] = above
        found[key] = node
    return found


def _named(changes: tuple[Edit, ...], shown: int = 3) -> str:
    names = [str(edit) for edit in changes]
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more

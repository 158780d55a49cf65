"""Which of our assets can go: those that nobody needs and nobody changed.

Two things ask: an install, for what an older version brought and this one has no more, and an
uninstall, for all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from superset_crmkpi.installer.gateway import Gateway, Key, LedgerEntry, State, Use
from superset_crmkpi.installer.upgrade import changed_by_people

#: what needs others goes before them
ORDER = ("alert", "dashboard", "chart", "dataset", "database", "rule", "role")


@dataclass(frozen=True)
class Retired:
    """An asset that this version does not bring; it goes unless there is a reason to keep it."""

    entry: LedgerEntry
    is_there: bool
    reason: str = ""


def in_order(entries: Collection[LedgerEntry]) -> list[LedgerEntry]:
    """In the order in which they can be deleted."""
    return sorted(entries, key=lambda entry: (ORDER.index(entry.kind), entry.name))


def retired(
    entries: Sequence[LedgerEntry],
    state: State,
    gateway: Gateway,
    released: Callable[[Use, str], bool],
) -> list[Retired]:
    """What becomes of entries that the bundle lacks.

    `released` tells of a use that it ends with this plan, as with a chart that gets other data.
    """
    there = state.by_key()
    found = {entry.key: entry for entry in entries if entry.key in there}
    uses = gateway.uses(list(found))
    reasons = {key: "changed in Superset" for key in found if is_edited(found[key], gateway)}
    kept = set(reasons)
    while True:
        needed = still_needed(set(found) - kept, uses, released)
        if not needed:
            break
        reasons |= needed
        kept |= set(needed)
    return [
        Retired(entry, entry.key in there, reasons.get(entry.key, ""))
        for entry in in_order(entries)
    ]


def still_needed(
    going: Collection[Key],
    uses: Mapping[Key, Sequence[Use]],
    released: Callable[[Use, str], bool] = lambda use, uuid: False,
) -> dict[Key, str]:
    """Those of `going` that something else needs, and what."""
    needed = {}
    for key in going:
        others = [
            use
            for use in uses.get(key, ())
            if (use.kind, use.uuid) not in going and not released(use, key[1])
        ]
        if others:
            needed[key] = f"needed by {listed(others)}"
    return needed


def listed(uses: Sequence[Use], shown: int = 3) -> str:
    """The first of them by name."""
    more = f" and {len(uses) - shown} more" if len(uses) > shown else ""
    return ", ".join(str(use) for use in uses[:shown]) + more


def is_edited(entry: LedgerEntry, gateway: Gateway) -> bool:
    """Whether people changed it since it was installed; of a role only who has it counts."""
    if entry.kind == "role":
        return False
    return bool(changed_by_people(entry, gateway.read(entry.kind, entry.uuid)))

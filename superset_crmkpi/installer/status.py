"""Definitions in Superset that are not the catalogue's any more: who changed which, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.installer.edits import GONE, Edit, Path
from superset_crmkpi.installer.gateway import Change, Gateway, LedgerEntry
from superset_crmkpi.installer.plan import make_plan
from superset_crmkpi.installer.upgrade import changed_by_people

#: what of a metric or a column defines it
DEFINES = ("expression", "type", "is_dttm")


@dataclass(frozen=True)
class Drift:
    """A dataset, or a metric or column of one, that is not as it was installed."""

    dataset: str
    what: str  # `its SQL`, `metric win_rate`, `column amount`, `itself`
    how: str  # changed | deleted
    who: str
    when: str

    def __str__(self) -> str:
        by = f" by {self.who}" if self.who else ""
        at = f" on {self.when}" if self.when else ""
        return f"{self.dataset}: {self.what} was {self.how}{by}{at}"


@dataclass(frozen=True)
class Status:
    """What an installation's definitions are worth: those that people changed, and old ones."""

    drifts: tuple[Drift, ...]
    #: datasets whose definition is an older version's; `install` brings them up to date
    outdated: tuple[str, ...]
    datasets: int
    metrics: int

    @property
    def is_fine(self) -> bool:
        """Whether every number in Superset is the catalogue's."""
        return not self.drifts and not self.outdated

    def to_dict(self) -> dict[str, Any]:
        """For ``--format json``."""
        return {
            "fine": self.is_fine,
            "datasets": self.datasets,
            "metrics": self.metrics,
            "drifts": [asdict(drift) for drift in self.drifts],
            "outdated": list(self.outdated),
        }


def status(bundle: Bundle, gateway: Gateway) -> Status:
    """Compares what is in Superset with what was installed, and that with the bundle."""
    state = gateway.state()
    there = state.by_key()
    entries = [
        entry
        for entry in state.ledger.values()
        if entry.kind == "dataset" and entry.owner in ("", bundle.name)
    ]
    drifts: list[Drift] = []
    for entry in sorted(entries, key=lambda entry: entry.name):
        if entry.key not in there:
            drifts.append(Drift(entry.name, "itself", "deleted", "", ""))
            continue
        drifts += _drifts(entry, gateway)
    outdated = [
        step.name
        for step in make_plan(bundle, gateway).steps
        if step.kind == "dataset" and step.upgrade is not None and _defines(step.upgrade.new_in)
    ]
    metrics = sum(len(entry.content.get("metrics") or []) for entry in entries)
    return Status(tuple(drifts), tuple(outdated), len(entries), metrics)


def _drifts(entry: LedgerEntry, gateway: Gateway) -> Iterator[Drift]:
    changes = changed_by_people(entry, gateway.read("dataset", entry.uuid))
    found = dict.fromkeys(told for edit in changes if (told := _definition(edit)))
    if not found:
        return
    change: Change = gateway.last_change("dataset", entry.uuid)
    for what, how in found:
        yield Drift(entry.name, what, how, change.who, change.when)


def _defines(changes: tuple[Edit, ...]) -> bool:
    return any(_definition(edit) for edit in changes)


def _definition(edit: Edit) -> tuple[str, str] | None:
    """(what, how) where the edit is of a definition of ours; None for labels, and for additions."""
    path: Path = edit.path
    if path[0] == "sql":
        return "its SQL", "changed"
    if path[0] not in ("metrics", "columns") or len(path) < 2 or edit.before is GONE:
        return None
    what = f"{path[0][:-1]} {path[1]}"
    if edit.after is GONE and len(path) == 2:
        return what, "deleted"
    return (what, "changed") if path[-1] in DEFINES else None

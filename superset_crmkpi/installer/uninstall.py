"""Takes out what was installed, by the ledger, and names first what people would lose by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.installer.gateway import Content, Gateway, Key, LedgerEntry, Use
from superset_crmkpi.installer.numbers import with_numbers, without_charts, without_numbers
from superset_crmkpi.installer.retire import in_order, is_edited, listed
from superset_crmkpi.installer.steps import FORGET, KEEP, REMOVE, Plan, Step

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Uninstall:
    """What would be removed, and what of other people's work stands on it."""

    plan: Plan
    #: one line each; with `force` they are lost
    losses: tuple[str, ...]
    #: others' charts that have no data without ours
    charts: tuple[Use, ...] = ()
    #: others' dashboards that show such a chart or one of ours, or filter by our datasets
    dashboards: tuple[Use, ...] = ()
    #: reports of others about what goes
    reports: tuple[Use, ...] = ()

    def raise_for_losses(self) -> None:
        """CrmKpiError where people would lose work."""
        if self.losses:
            lines = "\n".join(f"  {line}" for line in self.losses)
            raise CrmKpiError(
                f"people's work stands on what would be removed:\n{lines}\n"
                "Move it to other data, or repeat with --force and lose it (nothing was changed)"
            )

    def to_dict(self) -> dict[str, Any]:
        """For ``--format json``."""
        return {**self.plan.to_dict(), "losses": list(self.losses)}


def make_uninstall(owner: str, gateway: Gateway, with_roles: bool = True) -> Uninstall:
    """What an uninstall of the profile of that name would do. Changes nothing.

    Without roles those stay, and are the Superset's own from then on.
    """
    state = gateway.state()
    there = state.by_key()
    entries = in_order([e for e in state.ledger.values() if e.owner in ("", owner)])
    if not entries:
        others = sorted({entry.owner for entry in state.ledger.values()})
        known = f"; installed are: {', '.join(others)}" if others else ""
        raise CrmKpiError(f'nothing was installed here by a profile named "{owner}"{known}')
    found = {entry.key: entry for entry in entries if entry.key in there}
    work = _Work(found, gateway)
    steps = [
        _left(entry)
        if entry.kind == "role" and not with_roles
        else _step(entry, entry.key in there, work.connections)
        for entry in entries
    ]
    plan = Plan(tuple(steps))
    return Uninstall(plan, tuple(work.losses()), *work.broken())


def uninstall(
    planned: Uninstall, gateway: Gateway, progress: Progress = lambda _: None, force: bool = False
) -> None:
    """Carry it out, all of it or nothing. CrmKpiError for people's work in the way, but by force.

    A connection that others' datasets or queries need stays, and is theirs from then on.
    """
    if not force:
        planned.raise_for_losses()
    going = [step for step in planned.plan.steps if step.action == REMOVE]
    gone = {chart.uuid for chart in planned.charts} | {s.uuid for s in going if s.kind == "chart"}
    datasets = {step.uuid for step in going if step.kind == "dataset"}
    with gateway.transaction():
        for use in planned.dashboards:
            board = gateway.read("dashboard", use.uuid)
            gateway.write({"dashboards/theirs.yaml": without(board, gone, datasets)})
        for use in planned.reports:
            gateway.delete("report", use.uuid)
        for use in planned.charts:
            gateway.delete("chart", use.uuid)
        for number, step in enumerate(going, 1):
            progress(f"Removing {number} of {len(going)}: {step.kind} {step.name}")
            gateway.delete(step.kind, step.uuid)
        gateway.forget([(step.kind, step.uuid) for step in planned.plan.steps])


def without(board: Content, charts: set[str], datasets: set[str]) -> Content:
    """A dashboard without the tiles of these charts and the filters by these datasets."""
    made = without_charts(without_numbers(board), charts)
    metadata = dict(made.get("metadata") or {})
    if filters := metadata.get("native_filter_configuration"):
        metadata["native_filter_configuration"] = [
            one
            for one in filters
            if not any(t.get("datasetUuid") in datasets for t in one.get("targets") or [])
        ]
    return with_numbers({**made, "metadata": metadata})


def _left(entry: LedgerEntry) -> Step:
    return Step(KEEP, entry.kind, entry.uuid, entry.name, None, "roles are left alone")


def _step(entry: LedgerEntry, is_there: bool, connections: Mapping[Key, Sequence[Use]]) -> Step:
    if not is_there:
        return Step(FORGET, entry.kind, entry.uuid, entry.name, None, "deleted in Superset")
    if others := connections.get(entry.key):
        reason = f"needed by {listed(others)}"
        return Step(KEEP, entry.kind, entry.uuid, entry.name, None, reason)
    return Step(REMOVE, entry.kind, entry.uuid, entry.name)


class _Work:
    """What people made of our assets and on them."""

    def __init__(self, found: Mapping[Key, LedgerEntry], gateway: Gateway) -> None:
        self.found = found
        self.gateway = gateway
        self.others = self._others(found)
        # what stands on charts that go along with our datasets
        charts = [use for key, use in self._of("dataset") if use.kind == "chart"]
        self.second = self._others([("chart", use.uuid) for use in charts])

    @property
    def connections(self) -> Mapping[Key, Sequence[Use]]:
        """Our connections with what else needs them."""
        return {key: uses for key, uses in self.others.items() if key[0] == "database"}

    def losses(self) -> list[str]:
        """What people would lose, one line each."""
        lines = [
            f'{entry.kind} "{entry.name}" was changed in Superset'
            for entry in self.found.values()
            if entry.kind not in ("database", "role") and is_edited(entry, self.gateway)
        ]
        for kind in ("dataset", "chart", "dashboard"):
            for key, use in self._of(kind):
                lines.append(f'{use} needs {kind} "{self.found[key].name}"')
        return lines

    def broken(self) -> tuple[tuple[Use, ...], tuple[Use, ...], tuple[Use, ...]]:
        """Charts, dashboards and reports of others that cannot stay as they are."""
        uses = [use for kind in ("dataset", "chart", "dashboard") for _, use in self._of(kind)]
        uses += [use for more in self.second.values() for use in more]

        def of(kind: str) -> tuple[Use, ...]:
            return tuple(dict.fromkeys(use for use in uses if use.kind == kind))

        return of("chart"), of("dashboard"), of("report")

    def _others(self, keys: Sequence[Key] | Mapping[Key, Any]) -> dict[Key, list[Use]]:
        asked = self.gateway.uses(list(keys))
        theirs = {
            key: [use for use in uses if (use.kind, use.uuid) not in self.found]
            for key, uses in asked.items()
        }
        return {key: uses for key, uses in theirs.items() if uses}

    def _of(self, kind: str) -> list[tuple[Key, Use]]:
        return [(key, use) for key, uses in self.others.items() if key[0] == kind for use in uses]

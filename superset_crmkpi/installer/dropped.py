"""Metrics that a new version of a dataset does not have, but charts of other people still show.

Without the metric such a chart answers with an error, so it stays, with a warning on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from superset_crmkpi.installer.edits import value_at
from superset_crmkpi.installer.gateway import Content, Gateway, LedgerEntry, State
from superset_crmkpi.installer.upgrade import Upgrade, changed_by_people

WARNING = "Not in the catalogue any more; it is only kept for the charts that show it."


def with_metrics_in_use(
    made: Upgrade, installed: LedgerEntry, exported: Content, state: State, gateway: Gateway
) -> Upgrade:
    """The new version with those of the old one's metrics that somebody's charts need."""
    if installed.untouched is None:
        return made
    there = {str(metric["metric_name"]): metric for metric in exported.get("metrics") or []}
    new = {str(metric["metric_name"]) for metric in made.content.get("metrics") or []}
    dropped = {name for name in value_at(installed.untouched, ("metrics",)) if name in there} - new
    if not dropped:
        return made
    users = _users(dropped, installed.uuid, state, gateway)
    if not users:
        return made
    kept = [_warned(there[name]) for name in there if name in users]
    content = {**made.content, "metrics": [*made.content["metrics"], *kept]}
    told = [f"{name} for {', '.join(charts)}" for name, charts in users.items()]
    return replace(made, content=content, still_used=tuple(told))


def _users(
    names: set[str], dataset: str, state: State, gateway: Gateway
) -> Mapping[str, list[str]]:
    """Metric -> titles of the charts that show it because people chose it."""
    found = defaultdict(list)
    key = "dataset", dataset
    for use in gateway.uses([key]).get(key, ()):
        if use.kind != "chart":
            continue
        exported = gateway.read("chart", use.uuid)
        ours = state.ledger.get(("chart", use.uuid))
        chosen: Any = exported.get("params")
        if ours is not None:
            chosen = [edit.after for edit in changed_by_people(ours, exported)]
        for name in sorted(names & set(_texts(chosen))):
            found[name].append(str(use))
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)


def _warned(metric: Mapping[str, Any]) -> dict[str, Any]:
    made = deepcopy(dict(metric))
    extra = made.get("extra") if isinstance(made.get("extra"), Mapping) else {}
    made["extra"] = {**(extra or {}), "warning_markdown": WARNING}
    return made

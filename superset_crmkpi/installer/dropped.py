"""What a new version of a dataset does not have, but people's charts still show.

A metric stays for them, with a warning on it: without it such a chart answers with an error. A
column cannot, as the dataset's SQL does not give it any more (a profile may have taken personal
data out of it); who uses it is told.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from superset_crmkpi.installer.edits import value_at
from superset_crmkpi.installer.gateway import Content, Gateway, LedgerEntry, State
from superset_crmkpi.installer.upgrade import Upgrade, changed_by_people

WARNING = "Not in the catalogue any more; it is only kept for the charts that show it."
#: what holds SQL or JSON, in which names stand among other words
_WORDY = ("expression", "having", "order_by_cols", "sqlExpression", "where")
#: what people choose of a dataset: of a chart, of a dashboard
_CHOSEN = {"chart": ("params",), "dashboard": ("metadata", "native_filter_configuration")}


def with_what_people_use(
    made: Upgrade, installed: LedgerEntry, exported: Content, state: State, gateway: Gateway
) -> Upgrade:
    """The new version with the old one's metrics that charts need, and word of lost columns."""
    if installed.untouched is None:
        return made
    there = {str(metric["metric_name"]): metric for metric in exported.get("metrics") or []}
    metrics = {name for name in _named(installed, "metrics") if name in there}
    metrics -= {str(metric["metric_name"]) for metric in made.content.get("metrics") or []}
    columns = _named(installed, "columns")
    columns -= {str(column["column_name"]) for column in made.content.get("columns") or []}
    if not metrics | columns:
        return made
    users = _users(metrics | columns, installed.uuid, state, gateway)
    kept = [_warned(there[name]) for name in there if name in metrics and name in users]
    content = {**made.content, "metrics": [*(made.content.get("metrics") or []), *kept]}
    for kind in ("metric", "column"):
        for one in content.get(f"{kind}s") or []:
            for name in sorted(columns & set(_texts(one.get("expression"), "expression"))):
                users[name].append(f"{kind} {one[f'{kind}_name']}")
    told = {name: f"{name} for {', '.join(who)}" for name, who in users.items()}
    return replace(
        made,
        content=content,
        still_used=tuple(text for name, text in told.items() if name in metrics),
        missed=tuple(text for name, text in told.items() if name in columns),
    )


def _named(installed: LedgerEntry, key: str) -> set[str]:
    found = value_at(installed.untouched, (key,))
    return set(found) if isinstance(found, Mapping) else set()


def _users(
    names: set[str], dataset: str, state: State, gateway: Gateway
) -> defaultdict[str, list[str]]:
    """Metric or column -> what shows it because people chose it."""
    found = defaultdict(list)
    key = "dataset", dataset
    for use in gateway.uses([key]).get(key, ()):
        if use.kind not in _CHOSEN:
            continue
        exported = gateway.read(use.kind, use.uuid)
        ours = state.ledger.get((use.kind, use.uuid))
        chosen: Any = value_at(exported, _CHOSEN[use.kind])
        if ours is not None:
            changes = changed_by_people(ours, exported)
            chosen = [edit.after for edit in changes if edit.path[:1] == _CHOSEN[use.kind][:1]]
        for name in sorted(names & set(_texts(chosen))):
            found[name].append(str(use))
    return found


def _texts(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, str):
        yield value
        if key in _WORDY:
            yield from re.findall(r"\w+", value)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(inner, name)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner, key)


def _warned(metric: Mapping[str, Any]) -> dict[str, Any]:
    made = deepcopy(dict(metric))
    extra = made.get("extra") if isinstance(made.get("extra"), Mapping) else {}
    made["extra"] = {**(extra or {}), "warning_markdown": WARNING}
    return made

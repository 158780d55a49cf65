"""Copies of assets as people had changed them, where ours is taken in their place."""

from __future__ import annotations

from copy import deepcopy
from typing import Any
from uuid import UUID, uuid5

from superset_crmkpi.installer.gateway import Content
from superset_crmkpi.installer.ledger import fingerprint

NAMES = {"dataset": "table_name", "chart": "slice_name", "dashboard": "dashboard_title"}


def copy_of(kind: str, exported: Content) -> dict[str, Any]:
    """The asset under another uuid and name; the same one for the same content.

    A dashboard has no slug then, as ours keeps it. Its tiles show the same charts.
    """
    made = deepcopy(dict(exported))
    print_ = fingerprint(exported)
    made["uuid"] = str(uuid5(UUID(str(exported["uuid"])), print_))
    made[NAMES[kind]] = f"{exported[NAMES[kind]]} (copy {print_[:6]})"
    if kind == "dashboard":
        made["slug"] = None
    if kind == "dataset":
        for item in [*made.get("metrics", []), *made.get("columns", [])]:
            item.pop("uuid", None)
    return made

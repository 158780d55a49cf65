"""The hooks of superset-crmkpi; a plugin implements any of them with `hookimpl` of this module."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pluggy import HookimplMarker, HookspecMarker

if TYPE_CHECKING:
    from superset_crmkpi.connectors.connector import Connector

hookspec = HookspecMarker("superset_crmkpi")
hookimpl = HookimplMarker("superset_crmkpi")


@hookspec
def register_connectors(register: Callable[[Connector], None]) -> None:
    """Call `register(connector)` for each connector this plugin brings.

    Its name is what profiles say under `sources.NAME.connector`; two plugins that register the same
    one stop every command, which names both. [connectors.md](connectors.md) writes one.
    """


@hookspec
def register_definitions(register: Callable[[Path], None]) -> None:
    """Call `register(folder)` for each folder of definitions this plugin brings.

    It is laid out like our own, of which any part may be missing: `sql/model/<entity>.sql` (columns
    that an entity gets), `sql/facts`, `sql/labels`, `sql/kpis/<branch>` (with their calculators),
    `dashboards` and `dashboards/packs`. A KPI of a name that is taken says so by `replaces:` in
    its front matter, a dashboard by `replaces: true`. [definitions.md](definitions.md) brings one
    of each.
    """

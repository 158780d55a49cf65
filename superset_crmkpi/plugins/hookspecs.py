"""The hooks of superset-crmkpi; a plugin implements any of them with `hookimpl` of this module."""

from __future__ import annotations

from collections.abc import Callable
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

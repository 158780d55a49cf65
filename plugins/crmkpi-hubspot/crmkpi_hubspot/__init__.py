"""HubSpot for superset-crmkpi."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from superset_crmkpi.connector import Connector
from superset_crmkpi.hookspecs import hookimpl

HUBSPOT = Connector(name="hubspot", label="HubSpot", folder=Path(__file__).parent)


@hookimpl
def register_connectors(register: Callable[[Connector], None]) -> None:
    register(HUBSPOT)

"""Freshworks (Freshsales and Freshdesk) for superset-crmkpi."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from superset_crmkpi.connector import Connector
from superset_crmkpi.hookspecs import hookimpl

FRESHWORKS = Connector(
    name="freshworks",
    label="Freshworks (Freshsales, Freshdesk)",
    folder=Path(__file__).parent,
)


@hookimpl
def register_connectors(register: Callable[[Connector], None]) -> None:
    register(FRESHWORKS)

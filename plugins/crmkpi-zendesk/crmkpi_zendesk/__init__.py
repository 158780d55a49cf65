"""Zendesk Support and Sell for superset-crmkpi."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from superset_crmkpi.connector import Connector
from superset_crmkpi.hookspecs import hookimpl

ZENDESK = Connector(name="zendesk", label="Zendesk", folder=Path(__file__).parent)


@hookimpl
def register_connectors(register: Callable[[Connector], None]) -> None:
    register(ZENDESK)

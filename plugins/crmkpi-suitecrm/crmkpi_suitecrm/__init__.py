"""SuiteCRM for superset-crmkpi."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from superset_crmkpi.connector import Connector
from superset_crmkpi.hookspecs import hookimpl

SUITECRM = Connector(name="suitecrm", label="SuiteCRM", folder=Path(__file__).parent)


@hookimpl
def register_connectors(register: Callable[[Connector], None]) -> None:
    register(SUITECRM)

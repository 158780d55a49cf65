"""Microsoft Dynamics 365 (Sales and Customer Service) for superset-crmkpi."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from superset_crmkpi.connector import Connector
from superset_crmkpi.hookspecs import hookimpl

DYNAMICS365 = Connector(
    name="dynamics365", label="Microsoft Dynamics 365", folder=Path(__file__).parent
)


@hookimpl
def register_connectors(register: Callable[[Connector], None]) -> None:
    register(DYNAMICS365)

"""The connector for Birch."""

from pathlib import Path

from superset_crmkpi.connector import Connector
from superset_crmkpi.hookspecs import hookimpl


@hookimpl
def register_connectors(register):
    register(Connector(name="birch", label="Birch", folder=Path(__file__).parent))

"""The door for plugins: what a connector is made of, and the error that users see."""

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.sqlfile import SqlFile
from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.connectors.connector import Connector, EntityMapping, Landing

__all__ = ["Connector", "CrmKpiError", "EntityMapping", "Landing", "SqlFile", "load_model"]

from pathlib import Path

from superset_crmkpi.testing import ConnectorContract


class TestOdoo(ConnectorContract):
    connector = "odoo"
    fixtures = Path(__file__).parents[1] / "fixtures"

from pathlib import Path

from superset_crmkpi.testing import ConnectorContract


class TestZoho(ConnectorContract):
    connector = "zoho"
    fixtures = Path(__file__).parents[1] / "fixtures"

from pathlib import Path

from superset_crmkpi.testing import ConnectorContract


class TestHubSpot(ConnectorContract):
    connector = "hubspot"
    fixtures = Path(__file__).parents[1] / "fixtures"

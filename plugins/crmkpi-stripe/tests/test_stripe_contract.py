from pathlib import Path

from superset_crmkpi.testing import ConnectorContract


class TestStripe(ConnectorContract):
    connector = "stripe"
    fixtures = Path(__file__).parents[1] / "fixtures"

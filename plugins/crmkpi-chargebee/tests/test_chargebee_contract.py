from pathlib import Path

from superset_crmkpi.testing import ConnectorContract


class TestChargebee(ConnectorContract):
    connector = "chargebee"
    fixtures = Path(__file__).parents[1] / "fixtures"

from pathlib import Path

from superset_crmkpi.testing import ConnectorContract


class TestFreshworks(ConnectorContract):
    connector = "freshworks"
    fixtures = Path(__file__).parents[1] / "fixtures"

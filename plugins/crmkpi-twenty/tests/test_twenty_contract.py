from pathlib import Path

from superset_crmkpi.testing import ConnectorContract


class TestTwenty(ConnectorContract):
    connector = "twenty"
    fixtures = Path(__file__).parents[1] / "fixtures"

from pathlib import Path

from superset_crmkpi.testing import ConnectorContract


class TestAds(ConnectorContract):
    connector = "ads"
    fixtures = Path(__file__).parents[1] / "fixtures"

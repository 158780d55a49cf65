from pathlib import Path

from superset_crmkpi.testing import ConnectorContract


class TestActiveCampaign(ConnectorContract):
    connector = "activecampaign"
    fixtures = Path(__file__).parents[1] / "fixtures"

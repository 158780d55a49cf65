from pathlib import Path

from superset_crmkpi.testing import ConnectorContract


class TestZendesk(ConnectorContract):
    connector = "zendesk"
    fixtures = Path(__file__).parents[1] / "fixtures"

from pathlib import Path

from superset_crmkpi.testing import ConnectorContract


class TestIntercom(ConnectorContract):
    connector = "intercom"
    fixtures = Path(__file__).parents[1] / "fixtures"

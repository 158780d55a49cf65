from pathlib import Path

from superset_crmkpi.testing import ConnectorContract


class TestPipedrive(ConnectorContract):
    connector = "pipedrive"
    fixtures = Path(__file__).parents[1] / "fixtures"

from pathlib import Path

from superset_crmkpi.testing import ConnectorContract


class TestDynamics365(ConnectorContract):
    connector = "dynamics365"
    fixtures = Path(__file__).parents[1] / "fixtures"

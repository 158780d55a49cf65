from pathlib import Path

from superset_crmkpi.testing import ConnectorContract


class TestSuiteCrm(ConnectorContract):
    connector = "suitecrm"
    fixtures = Path(__file__).parents[1] / "fixtures"

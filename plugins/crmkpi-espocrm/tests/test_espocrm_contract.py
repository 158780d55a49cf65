from pathlib import Path

from superset_crmkpi.testing import ConnectorContract


class TestEspoCrm(ConnectorContract):
    connector = "espocrm"
    fixtures = Path(__file__).parents[1] / "fixtures"

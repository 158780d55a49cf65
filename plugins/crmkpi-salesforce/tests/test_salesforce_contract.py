from pathlib import Path

from superset_crmkpi.testing import ConnectorContract


class TestSalesforce(ConnectorContract):
    connector = "salesforce"
    fixtures = Path(__file__).parents[1] / "fixtures"

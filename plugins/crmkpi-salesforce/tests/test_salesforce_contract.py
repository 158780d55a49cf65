from pathlib import Path

from superset_crmkpi.testing import ConnectorContract


class TestSalesforce(ConnectorContract):
    connector = "salesforce"
    landing = "fivetran"
    fixtures = Path(__file__).parents[1] / "fixtures"

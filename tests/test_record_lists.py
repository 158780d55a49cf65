"""Lists of a bundle begin with a link to the record, where the profile gives an address."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.bundle.export import FOLDER
from superset_crmkpi.bundle.query_context import asks_for
from superset_crmkpi.bundle.record_links import RECORD
from superset_crmkpi.installer.validate import check
from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.build import build
from superset_crmkpi.project.project import Project
from superset_crmkpi.project.records import not_opened
from superset_crmkpi.project.trial import not_running
from superset_crmkpi.warehouse.load import load_files
from tests.anchors import address
from tests.seeds import turn
from tests.warehouses import rows

FIXTURES = Path(__file__).parents[1] / "plugins" / "crmkpi-salesforce" / "fixtures" / "fivetran"
EAST, WEST = "https://east.lightning.force.com", "https://west.lightning.force.com"
#: datasets with lists, of those that a CRM alone can fill
LISTED = {
    "crmkpi_campaigns_campaigns",
    "crmkpi_campaigns_lead_predictions",
    "crmkpi_campaigns_leads",
    "crmkpi_customer_health_accounts",
    "crmkpi_customer_health_ticket_slas",
    "crmkpi_pipeline_activities",
    "crmkpi_pipeline_close_date_changes",
    "crmkpi_pipeline_deal_predictions",
    "crmkpi_pipeline_leads",
    "crmkpi_pipeline_opportunities",
    "crmkpi_pipeline_pipeline_changes",
    "crmkpi_trust_record_quality",
    "crmkpi_trust_records",
}


@pytest.fixture(scope="module")
def warehouse() -> Iterator[sa.engine.Engine]:
    """With the raw tables, and what is built of them."""
    engine = sa.create_engine("duckdb:///:memory:", poolclass=StaticPool, future=True)
    load_files(engine, "raw", sorted(FIXTURES.glob("*.csv")))
    build(project(engine, "built"))
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def linked(warehouse: sa.engine.Engine) -> Bundle:
    """Over built tables."""
    return project(warehouse, "built").bundle(uri="duckdb:///:memory:")


def project(engine: sa.engine.Engine, mode: str, east: Any = EAST, west: Any = WEST) -> Project:
    """Two Salesforces, whose ids may be the same."""
    sources = {
        name: {"connector": "salesforce", "landing": "fivetran", "schema": "raw"}
        | ({"record_base": base} if base else {})
        for name, base in (("east", east), ("west", west))
    }
    given = {"database": {"name": "W"}, "mode": mode, "sources": sources}
    return Project(Profile.model_validate(given), engine)


def lists(bundle: Bundle) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Charts in raw mode, each with its dataset."""
    datasets = {d["uuid"]: d for _, d in bundle.of("datasets")}
    return [
        (chart, datasets[chart["dataset_uuid"]])
        for _, chart in bundle.of("charts")
        if chart["params"].get("query_mode") == "raw"
    ]


def computed(dataset: dict[str, Any]) -> dict[str, str]:
    return {c["column_name"]: c["expression"] for c in dataset["columns"] if c["expression"]}


@turn("mode", ["live", "", "built", ""])
@pytest.mark.parametrize("mode", ["live", "built"])
def test_each_list_of_records_begins_with_the_link_of_the_rows_own_source(
    warehouse: sa.engine.Engine, linked: Bundle, mode: str
) -> None:
    made = project(warehouse, mode)
    bundle = linked if mode == "built" else made.bundle(uri="duckdb:///:memory:")
    check(bundle)
    assert mode == "live" or not_running(made, bundle) == []
    found: dict[str, set[str]] = {}
    for chart, dataset in lists(bundle):
        params, fact = chart["params"], dataset["table_name"]
        if fact.endswith(
            ("kpi_scorecard", "data_freshness", "trainings", "email_threads")
        ):  # no record of a CRM
            assert RECORD not in params["all_columns"]
            continue
        assert params["all_columns"][0] == RECORD, chart["slice_name"]
        assert params["allow_render_html"]
        assert asks_for(chart["query_context"], params)
        asked = json.loads(chart["query_context"])["queries"][0]["columns"]
        assert asked == params["all_columns"]
        sql = f"select {computed(dataset)[RECORD]} as link from ({dataset['sql']}) as virtual_table"
        found.setdefault(fact, set()).update(address(link) for (link,) in rows(warehouse, sql))
    assert set(found) == LISTED
    deals = found["crmkpi_pipeline_opportunities"]
    assert f"{EAST}/lightning/r/Opportunity/006A000000o1/view" in deals
    assert f"{WEST}/lightning/r/Opportunity/006A000000o1/view" in deals
    leads, tasks = found["crmkpi_pipeline_leads"], found["crmkpi_pipeline_activities"]
    assert {link.rsplit("/", 3)[1] for link in leads} == {"Lead"}
    assert {link.rsplit("/", 3)[1] for link in tasks - {""}} == {"Opportunity", "Account", "Lead"}


def test_no_other_chart_changes_and_without_an_address_none_does(
    warehouse: sa.engine.Engine, linked: Bundle
) -> None:
    plain = project(warehouse, "built", None, None).bundle(uri="duckdb:///:memory:")
    assert RECORD not in json.dumps(plain.assets)
    own = {chart["uuid"] for chart, _ in lists(linked)}
    for path, chart in plain.of("charts"):
        if chart["uuid"] not in own:
            assert dict(linked.assets[path]) == dict(chart)
    for path, dataset in plain.of("datasets"):
        other = dict(linked.assets[path])
        assert other["sql"] == dataset["sql"]
        known = [c for c in other["columns"] if c["column_name"] != RECORD]
        assert known == dataset["columns"]


def test_an_export_knows_no_address_and_has_no_link() -> None:
    files = list(FOLDER.rglob("*.yaml"))
    assert len(files) > 300
    assert [file.name for file in files if RECORD in file.read_text()] == []


def test_a_source_without_an_address_is_told_what_to_write(warehouse: sa.engine.Engine) -> None:
    assert list(not_opened(project(warehouse, "live"))) == []
    (line,) = not_opened(project(warehouse, "live", west=None))
    assert line.startswith("source west: lists have no link to its records; write ")
    assert "`sources.west.record_base: https://acme.lightning.force.com`" in line


def test_rows_of_the_source_without_an_address_have_no_link(warehouse: sa.engine.Engine) -> None:
    bundle = project(warehouse, "built", west=None).bundle()
    (dataset,) = (
        d for _, d in bundle.of("datasets") if d["table_name"].endswith("pipeline_opportunities")
    )
    sql = f"select opportunity_id, {computed(dataset)[RECORD]} as link from ({dataset['sql']}) as t"
    links = {key: address(link) for key, link in rows(warehouse, sql)}
    assert links["west:006A000000o1"] == ""
    assert links["east:006A000000o1"] == f"{EAST}/lightning/r/Opportunity/006A000000o1/view"

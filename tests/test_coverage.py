"""What a warehouse can answer is told per entity and KPI, with the reason where it cannot."""

from __future__ import annotations

from typing import Any

import pytest

from superset_crmkpi.canonical.model import load_model
from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.compile.coverage import Coverage
from superset_crmkpi.connector import Connector
from superset_crmkpi.connectors.registry import connector
from superset_crmkpi.connectors.source import MappedSource
from superset_crmkpi.profile.schema import Source
from superset_crmkpi.warehouse.connect import Snapshot


def coverage(without: set[str] = frozenset(), lacking: tuple[str, str] | None = None) -> Coverage:  # type: ignore[assignment]
    """Salesforce by Fivetran, without some tables and one column."""
    chosen: Connector = connector("salesforce")
    assert chosen.schema is not None
    tables: dict[tuple[str, str], Any] = {
        ("sf", table): {c: "text" for c in columns if (table, c) != lacking}
        for table, columns in chosen.schema.items()
        if table not in without
    }
    source = Source.model_validate(
        {"connector": "salesforce", "landing": "fivetran", "schema": "sf"}
    )
    bound = MappedSource.bind("sales", source, chosen, Snapshot(tables), "duckdb")
    return Coverage(load_model(), load_catalog(), [bound])


def test_what_the_vendor_has_is_native_and_its_kpis_are_available() -> None:
    found = coverage()
    assert found.entities["opportunity"].availability == "native"
    assert found.entities["opportunity"].sources == ("sales",)
    assert found.kpis["win_rate"].available


def test_an_entity_that_no_source_maps_is_absent_and_the_tile_says_what_to_connect() -> None:
    found = coverage()
    assert found.entities["subscription"].availability == "absent"
    reason = found.kpis["nrr"].reason
    assert reason.startswith("Needs ")
    assert "connect" in reason
    assert not found.kpis["nrr"].available


def test_a_missing_table_is_named() -> None:
    found = coverage(without={"opportunity"})
    assert found.entities["opportunity"].availability == "absent"
    assert found.entities["opportunity"].reason == "sales: table `opportunity` is not in sf"
    assert not found.kpis["win_rate"].available


def test_a_missing_column_is_named_with_the_table_it_should_be_in() -> None:
    found = coverage(lacking=("opportunity", "amount"))
    assert found.entities["opportunity"].availability == "native"
    assert found.entities["opportunity"].missing["amount"] == (
        "sales has no column `opportunity.amount`"
    )


def test_every_need_of_every_kpi_can_be_looked_up() -> None:
    found = coverage()
    for name in found.kpis:
        assert isinstance(found.kpis[name].reason, str)


@pytest.mark.parametrize("need", ["opportunity", "opportunity.status", "opportunity.amount_base"])
def test_a_companion_is_there_when_its_column_is(need: str) -> None:
    assert coverage().lacks(need) == ""


def test_of_several_needs_one_will_do() -> None:
    found = coverage(lacking=("opportunity", "amount"))
    assert found.lacks("opportunity.amount | opportunity.status") == ""
    assert found.lacks("subscription | opportunity") == ""
    assert found.lacks("subscription | mrr_movement") == found.lacks("subscription") != ""

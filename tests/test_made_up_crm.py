"""A connector for a CRM that does not exist, written from docs/connectors.md alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from superset_crmkpi.kit.check import BROKEN, check
from superset_crmkpi.plugins import manager as plugins

BIRCH = Path(__file__).parent / "birch_crm" / "crmkpi-birch"
#: accounts, contacts, opportunities with their stages and history, and activities
ENTITIES = {
    "account",
    "contact",
    "pipeline",
    "stage",
    "opportunity",
    "opportunity_history",
    "activity",
}


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    plugins.plugin_manager.cache_clear()


def test_it_keeps_the_contract() -> None:
    broken = [(r.promise, r.message) for r in check(BIRCH) if r.outcome == BROKEN]
    assert not broken


def test_it_takes_at_most_90_lines_of_sql_and_yaml() -> None:
    package = BIRCH / "crmkpi_birch"
    files = [*package.rglob("*.sql"), *package.rglob("*.yaml")]
    assert {path.stem for path in files if path.suffix == ".sql"} == ENTITIES
    lines = [line for path in files for line in path.read_text().splitlines() if line.strip()]
    assert len(lines) <= 90
    assert max(map(len, lines)) <= 100

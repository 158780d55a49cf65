"""Engines that cannot run on one machine: their SQL is parsed, stable and known, not executed.

tests/compiled_engines.txt holds a digest per engine and fact, so that a change shows in review;
`python -m tests.test_compiled_engines` writes it anew.
"""

from __future__ import annotations

import hashlib
from datetime import date
from functools import lru_cache
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from superset_crmkpi.base.settings import CalendarSettings, CompileSettings
from superset_crmkpi.catalogue.reader import load_catalog
from tests.compiled import Remembering
from tests.seeds import by_turns

DIALECTS = ("bigquery", "snowflake", "redshift", "databricks", "trino", "tsql")
DIGESTS = Path(__file__).with_name("compiled_engines.txt")


@lru_cache(maxsize=1)
def canonical_facts() -> dict[str, exp.Expression]:
    """Every fact over built tables, in the canonical dialect, and each KPI over its fact."""
    catalog = load_catalog()
    settings = CompileSettings(calendar=CalendarSettings(today=date(2026, 6, 30)))
    compiler = Remembering(catalog, "crmkpi", settings)
    found = {fact: compiler.fact(fact) for fact in catalog.facts}
    for name, kpi in catalog.kpis.items():
        found[f"kpi {name}"] = f"select {compiler.expression(kpi)} as value from {kpi.fact}"
    return {name: sqlglot.parse_one(text, dialect="duckdb") for name, text in found.items()}


def digests(dialect: str) -> list[str]:
    """`dialect name digest`, a line each, of text that the dialect parses."""
    lines = []
    for name, tree in canonical_facts().items():
        made = tree.sql(dialect=dialect, pretty=True)
        sqlglot.parse_one(made, dialect=dialect)  # as Superset does
        lines.append(f"{dialect} {name} {hashlib.sha256(made.encode()).hexdigest()[:16]}")
    return lines


@by_turns(6)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_sql_of_an_engine_that_is_not_executed_is_parsed_and_as_reviewed(dialect: str) -> None:
    known = [line for line in DIGESTS.read_text().splitlines() if line.startswith(f"{dialect} ")]
    assert digests(dialect) == known, "run `python -m tests.test_compiled_engines` and review"


if __name__ == "__main__":
    every = [line for dialect in DIALECTS for line in digests(dialect)]
    DIGESTS.write_text("\n".join(every) + "\n", encoding="utf-8")

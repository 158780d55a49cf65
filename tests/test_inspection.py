"""Before anybody trusts a dashboard: labels that nobody mapped, and tables without rows."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
import yaml
from click.testing import CliRunner, Result

from superset_crmkpi.cli import main

CALLS = pd.DataFrame(
    {
        "id": ["1", "2", "3", "4", "5", "6"],
        "kind": ["Rückruf", "call", "rückruf ", "Besuch", "", None],
        "called_at": pd.Timestamp("2026-01-05 10:00"),
    }
)
ACTIVITY = """
select id, kind as activity_type, 'completed' as status, called_at as occurred_at from calls
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a warehouse: a table of calls, and one of deals without a row."""
    engine = sa.create_engine(f"duckdb:///{tmp_path / 'warehouse.duckdb'}", future=True)
    with engine.begin() as connection:
        connection.exec_driver_sql("create schema crm")
        CALLS.to_sql("calls", connection, schema="crm", index=False)
        connection.exec_driver_sql("create table crm.deals (id varchar, name varchar)")
    engine.dispose()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def doctor(
    home: Path,
    entities: dict[str, str],
    values: dict[str, Any] | None = None,
    text: bool = False,
    source: dict[str, str] | None = None,
    **more: Any,
) -> Result:
    profile = {
        "database": {
            "name": "Mini",
            "uri": f"duckdb:///{home / 'warehouse.duckdb'}?access_mode=read_only",
        },
        "sources": {
            "crm": {
                "connector": "sql",
                "schema": "crm",
                "values": values or {},
                "entities": entities,
                **(source or {}),
            }
        },
        **more,
    }
    (home / "crmkpi.yaml").write_text(yaml.safe_dump(profile))
    how = [] if text else ["--format", "json"]
    return CliRunner().invoke(main, ["doctor", "--quick", *how])


def report(done: Result) -> Any:
    return json.loads(done.output[done.output.index("{\n") :])


def test_labels_that_nobody_mapped_are_counted(home: Path) -> None:
    values = {"activity.activity_type": {"*": "task"}}
    found = report(doctor(home, {"activity": ACTIVITY}, values))["unmapped_labels"]
    assert [(one["label"], one["rows"], one["becomes"]) for one in found] == [
        ("rückruf", 2, "task"),
        ("besuch", 1, "task"),
    ]


def test_a_label_of_the_profile_is_mapped(home: Path) -> None:
    values = {"activity.activity_type": {"Rückruf": "call", "besuch": None}}
    assert report(doctor(home, {"activity": ACTIVITY}, values))["unmapped_labels"] == []


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"activity.kind": {"a": "call"}}, "`activity.kind` is no entity.column with a list"),
        ({"activity.activity_type": {"a": "ring"}}, "'a' cannot become 'ring'; one of call, chat"),
    ],
)
def test_values_that_the_model_does_not_have_are_refused(
    home: Path, values: dict[str, Any], told: str
) -> None:
    done = doctor(home, {"activity": ACTIVITY}, values)
    assert done.exit_code == 2
    assert told in done.output


def test_a_source_without_any_row_is_an_alarm(home: Path) -> None:
    deals = "select id, name, 'open' as status from deals"
    done = doctor(home, {"opportunity": deals})
    assert done.exit_code == 1
    assert "source `crm` reads no row at all (crm.deals)" in report(done)["alarms"][0]


def test_a_source_without_a_row_in_what_it_is_there_for_is_an_alarm(home: Path) -> None:
    deals = "select id, name, 'open' as status from deals"
    done = doctor(home, {"opportunity": deals, "activity": ACTIVITY})
    assert done.exit_code == 1
    assert "source `crm` reads no row of any (crm.deals)" in report(done)["alarms"][0]


def test_one_empty_table_among_others_is_told_without_an_alarm(home: Path) -> None:
    deals = "select id, name, 'open' as status from deals"
    people = "select id, kind as last_name from calls"
    done = doctor(home, {"opportunity": deals, "contact": people, "activity": ACTIVITY})
    assert done.exit_code == 0
    assert report(done)["empty_tables"] == {"crm": ["crm.deals"]}
    assert report(done)["alarms"] == []


DEALS = """
select 'a' as id, 'A' as name, 'won' as status, 1000.0 as amount, 'EUR' as currency,
  timestamp '2026-02-01 10:00:00' as closed_at
union all select 'b', 'B', 'won', 2000.0, 'USD', timestamp '2026-02-01 10:00:00'
union all select 'c', 'C', 'won', 500.0, 'USD', timestamp '2025-02-01 10:00:00'
union all select 'd', 'D', 'won', 70.0, 'GBP', timestamp '2026-02-01 10:00:00'
union all select 'e', 'E', 'won', 30.0, 'GBP', timestamp '2026-02-01 10:00:00'
union all select 'f', 'F', 'won', 0.0, 'CHF', timestamp '2026-02-01 10:00:00'
union all select 'g', 'G', 'won', 40.0, null, timestamp '2026-02-01 10:00:00'
"""
RATE = {"currency": "USD", "valid_from": date(2026, 1, 1), "rate": 0.9}


def left_out(done: Result) -> list[tuple[str, int, float]]:
    found = report(done)["unconverted_amounts"]
    assert all((one["entity"], one["column"]) == ("opportunity", "amount") for one in found)
    return [(one["currency"], one["rows"], one["amount"]) for one in found]


def test_amounts_without_a_rate_are_named_by_currency_number_and_sum(home: Path) -> None:
    """One of USD is of a day before the first rate; nothing of a currency is no amount."""
    done = doctor(home, {"opportunity": DEALS}, currency={"reporting": "EUR", "rates": [RATE]})
    assert left_out(done) == [("GBP", 2, 100.0), ("USD", 1, 500.0)]
    text = doctor(
        home, {"opportunity": DEALS}, text=True, currency={"reporting": "EUR", "rates": [RATE]}
    )
    assert "opportunity.amount" in text.output
    assert [word in text.output for word in ("GBP", "100.00", "USD", "500.00", "CHF")] == [
        True, True, True, True, False
    ]  # fmt: skip


def test_an_amount_without_a_currency_has_the_rate_of_its_sources_currency(home: Path) -> None:
    rates = {"reporting": "EUR", "rates": [RATE]}
    done = doctor(home, {"opportunity": DEALS}, currency=rates, source={"currency": "USD"})
    assert left_out(done) == [("GBP", 2, 100.0), ("USD", 1, 500.0)]
    without = doctor(home, {"opportunity": DEALS}, source={"currency": "GBP"})
    assert left_out(without) == [("GBP", 3, 140.0), ("USD", 2, 2500.0)]


def test_with_all_amounts_in_the_reporting_currency_nothing_is_told(home: Path) -> None:
    own = "select 'a' as id, 'A' as name, 'won' as status, 10.0 as amount, 'EUR' as currency"
    assert left_out(doctor(home, {"opportunity": own})) == []

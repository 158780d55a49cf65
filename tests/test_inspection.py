"""Before anybody trusts a dashboard: labels that nobody mapped, and tables without rows."""

from __future__ import annotations

import json
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


def doctor(home: Path, entities: dict[str, str], values: dict[str, Any] | None = None) -> Result:
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
            }
        },
    }
    (home / "crmkpi.yaml").write_text(yaml.safe_dump(profile))
    return CliRunner().invoke(main, ["doctor", "--quick", "--format", "json"])


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

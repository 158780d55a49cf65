"""Every mapping of the connectors gives the same rows on PostgreSQL as on DuckDB."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.pool import StaticPool

from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.project import Project
from superset_crmkpi.warehouse.load import load_files
from tests.real.conftest import Answers
from tests.seeds import by_turns

PLUGINS = Path(__file__).parents[2] / "plugins"


def text(value: object) -> str:
    """A cell as text, numbers of equal value alike."""
    if value is None or value is pd.NaT or value != value:
        return ""
    if isinstance(value, bool):
        return str(value)
    try:
        return f"{float(str(value)):.6g}"
    except ValueError:
        return str(value)


@by_turns(2)
@pytest.mark.parametrize(("name", "landing"), [("salesforce", "fivetran"), ("zoho", "files")])
def test_mappings_agree(postgres: Engine, name: str, landing: str) -> None:
    source = {"connector": name, "landing": landing, "schema": name, "time_zone": "Asia/Kolkata"}
    profile = Profile.model_validate(
        {
            "database": {"name": "test"},
            "sources": {"crm": source},
            "calendar": {"time_zone": "America/New_York", "today": "2024-06-30"},
        }
    )
    duckdb = sa.create_engine("duckdb:///:memory:", poolclass=StaticPool, future=True)
    answers = []
    for engine in (duckdb, postgres):
        load_files(engine, name, [PLUGINS / f"crmkpi-{name}" / "fixtures" / landing])
        answers.append(Answers(Project(profile, engine)))
    for entity in answers[0].project.sources[0].mappings:
        one, other = (
            side.entity(entity)
            .drop(columns="synced_at")
            .map(text)
            .sort_values("id", ignore_index=True)
            for side in answers
        )
        pd.testing.assert_frame_equal(one, other, check_dtype=False, obj=f"{name} {entity}")


def test_a_day_stays_that_day_west_of_greenwich(postgres: Engine) -> None:
    profile = Profile.model_validate(
        {
            "database": {"name": "test"},
            "sources": {
                "crm": {"connector": "salesforce", "landing": "fivetran", "schema": "west"}
            },
            "calendar": {"time_zone": "America/Los_Angeles"},
        }
    )
    duckdb = sa.create_engine("duckdb:///:memory:", poolclass=StaticPool, future=True)
    for engine in (duckdb, postgres):
        load_files(
            engine,
            "west",
            [PLUGINS / "crmkpi-salesforce" / "fixtures" / "fivetran" / "opportunity.csv"],
        )
        rows = Answers(Project(profile, engine)).entity("opportunity").set_index("source_id")
        closed = rows.loc["006A000000o1", "closed_date"]
        assert str(closed)[:10] == "2024-03-01"

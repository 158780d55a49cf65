"""Superset's own database may be PostgreSQL: the same comes, is kept and goes.

(Not MariaDB: Superset's own tables cannot be made there, as its Flask-AppBuilder asks for sequences
in a way that MariaDB does not take.)
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.seeds import in_turn
from tests.superset.runs import Runs

pytestmark = pytest.mark.superset
#: a Superset migrates such a database in a minute
TODAYS = in_turn(["postgresql", "", "", ""])


@pytest.mark.postgres
@pytest.mark.turn(lambda _: "postgresql" in TODAYS)
def test_the_toy_comes_is_upgraded_around_edits_and_goes(
    postgres_metadata: str, warehouse_uri: str, tmp_path: Path
) -> None:
    runs = Runs(postgres_metadata, warehouse_uri, tmp_path)
    (found,) = runs.end(runs.start("walk"))
    assert found["created"] == 8
    assert not found["again"]
    assert not found["unchanged"]
    assert found["chart"] == ["Volume", 60, "New"]
    assert {"biggest", "average", "total_amount"} <= set(found["metrics"])
    assert found["left"] == {}

    # two at once: one installs, the other waits for it or says in one line that it did not
    outcomes = runs.end(runs.start("install"), runs.start("install"))
    assert {"written": 8} in outcomes
    for outcome in outcomes:
        assert "\n" not in outcome.get("error", "")
    assert runs.end(runs.start("install")) == [{"written": 0}]

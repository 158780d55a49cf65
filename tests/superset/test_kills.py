"""Commands that are killed at any moment leave the old state whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.seeds import by_turns, examples, in_turn, seed
from tests.superset.kept_metadata import SqliteMetadata
from tests.superset.killing import COMMANDS, Place, killed_often
from tests.superset.runs import Runs

pytestmark = pytest.mark.superset

#: of each command; 51 with CRMKPI_EXAMPLES=17
KILLS = examples(3)


@pytest.fixture
def place(
    _superset: Any, emptied: Callable[[], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Place:
    emptied()
    monkeypatch.setenv("CRMKPI_CACHE_DIR", str(tmp_path / "cache"))
    return Place(_superset[0], SqliteMetadata(_superset[1], tmp_path), tmp_path)


@by_turns(3)
def test_a_killed_command_leaves_the_old_state_and_the_next_run_completes(place: Place) -> None:
    """One of the three each day, all of them at length."""
    for line in killed_often(place, in_turn(COMMANDS), KILLS, seed()):
        print(line)


@pytest.mark.postgres
@pytest.mark.turn(lambda _: examples(1) > 1)
def test_the_same_where_supersets_own_database_is_postgresql(
    postgres_metadata: str, warehouse_uri: str, tmp_path: Path
) -> None:
    runs = Runs(postgres_metadata, warehouse_uri, tmp_path)
    (said,) = runs.end(runs.start("kills", str(KILLS), str(seed())), timeout=3600)
    print("\n".join(said["lines"]))
    assert len(said["lines"]) == len(COMMANDS)

"""Superset's own database may be PostgreSQL: the same comes, is kept and goes.

(Not MariaDB: Superset's own tables cannot be made there, as its Flask-AppBuilder asks for sequences
in a way that MariaDB does not take.)
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from crmkpi_demo.home import open_home

from tests.needs import need_superset
from tests.seeds import in_turn
from tests.warehouses import postgres

pytestmark = pytest.mark.superset
CONFIG = """\
from crmkpi_demo.superset_config import *
SQLALCHEMY_DATABASE_URI = {uri!r}
SQLALCHEMY_ENGINE_OPTIONS = {{}}
"""
#: a Superset migrates such a database in a minute
TODAYS = in_turn(["postgresql", "", "", ""])


@pytest.fixture
def database() -> Iterator[str]:
    """The URI of a database of its own, dropped afterwards."""
    need_superset()
    for engine in postgres("superset"):
        yield engine.url.set(query={}).render_as_string(hide_password=False)


class Runs:
    """Processes with a Superset on this metadata database."""

    def __init__(self, uri: str, warehouse_uri: str, folder: Path) -> None:
        config = folder / "superset_config.py"
        config.write_text(CONFIG.format(uri=uri))
        home = open_home(folder / "home")
        self.environment = {**home.environment(), "SUPERSET_CONFIG_PATH": str(config)}
        self.warehouse_uri = warehouse_uri

    def start(self, what: str) -> subprocess.Popen[str]:
        """One that is ready to begin."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.superset.metadata_run", what, self.warehouse_uri],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        for line in process.stdout:
            if line == "ready\n":
                return process
        raise AssertionError(f"{what} ended with {process.wait(30)}")

    @staticmethod
    def end(*processes: subprocess.Popen[str]) -> list[dict[str, Any]]:
        """Let all of them begin; what each said."""
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        said = [process.communicate(timeout=300)[0] for process in processes]
        assert [process.returncode for process in processes] == [0] * len(processes)
        return [json.loads(one.splitlines()[-1]) for one in said]


@pytest.mark.postgres
@pytest.mark.turn(lambda _: "postgresql" in TODAYS)
def test_the_toy_comes_is_upgraded_around_edits_and_goes(
    database: str, warehouse_uri: str, tmp_path: Path
) -> None:
    runs = Runs(database, warehouse_uri, tmp_path)
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

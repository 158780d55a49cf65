"""An install, an upgrade and an uninstall that are killed at any moment leave the old state whole.

The command runs in a child of the tests' process, which has Superset loaded already, and is killed
as by the system: nothing of it gets to clean up.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from superset_crmkpi.cli import main
from superset_crmkpi.superset import bootstrap
from tests.seeds import examples, in_turn, seed
from tests.superset.test_cli_install import NO_COUNT, PROFILE, make_warehouse

pytestmark = pytest.mark.superset

#: of each command; 50 with CRMKPI_EXAMPLES=25
KILLS = examples(2)
FOREIGN = """
insert into css_templates (template_name, css, created_on, changed_on)
values ('theirs', '.a {}', '2026-01-01', '2026-01-01')
"""
Rows = dict[str, list[tuple[Any, ...]]]


class Place:
    """A Superset's metadata in one file, and the command run on it by a child process."""

    def __init__(self, app: Any, metadata: Path, folder: Path) -> None:
        self.app, self.metadata, self.folder = app, metadata, folder

    def start(self, *command: str) -> int:
        """The process id of a child that runs the command."""
        bootstrap.forget_connections(self.app)
        child = os.fork()
        if child:
            return child
        status = 1
        try:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
            with self.app.app_context():
                main(
                    [*command, "--profile", str(self.folder / "crmkpi.yaml")], standalone_mode=False
                )
            status = 0
        finally:
            os._exit(status)

    def run(self, *command: str) -> float:
        """To its end; the seconds it took."""
        began = time.monotonic()
        _, status = os.waitpid(self.start(*command), 0)
        assert os.waitstatus_to_exitcode(status) == 0, command
        return time.monotonic() - began

    def kill(self, after: float, *command: str) -> bool:
        """Whether it was still running after so many seconds, and is dead now."""
        child = self.start(*command)
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status) == -signal.SIGKILL

    def profile(self, **values: Any) -> None:
        uri = f"duckdb:///{self.folder / 'warehouse.duckdb'}?access_mode=read_only"
        content = {**PROFILE, "database": {"name": "Mini warehouse", "uri": uri}, **values}
        (self.folder / "crmkpi.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")

    def keep(self, name: str) -> Path:
        """A copy of the metadata as it is now."""
        path = self.folder / name
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(self.metadata)) as now, closing(sqlite3.connect(path)) as to:
            now.backup(to)
        return path

    def put_back(self, kept: Path) -> None:
        bootstrap.forget_connections(self.app)
        bootstrap.use_template(kept, self.metadata)

    def rows(self) -> Rows:
        with closing(sqlite3.connect(self.metadata)) as connection:
            names = connection.execute("select name from sqlite_master where type = 'table'")
            return {
                name: sorted(connection.execute(f'select * from "{name}"').fetchall(), key=repr)
                for (name,) in names.fetchall()
                if name not in NO_COUNT
            }

    def counts(self) -> dict[str, int]:
        return {name: len(rows) for name, rows in self.rows().items()}


@pytest.fixture(scope="module")
def place(
    _superset: Any, emptied: Callable[[], Any], tmp_path_factory: pytest.TempPathFactory
) -> Any:
    emptied()
    folder = tmp_path_factory.mktemp("kills")
    make_warehouse(folder / "warehouse.duckdb")
    found = Place(_superset[0], _superset[1], folder)
    with closing(sqlite3.connect(found.metadata)) as connection, connection:
        connection.execute(FOREIGN)
    with pytest.MonkeyPatch.context() as patch:
        # what is compiled once is compiled for all of them
        patch.setenv("CRMKPI_CACHE_DIR", str(folder / "cache"))
        yield found


@dataclass(frozen=True)
class Situation:
    """A command, the metadata before it, and what it takes and leaves when nobody kills it."""

    command: tuple[str, ...]
    before: Path
    seconds: float
    after: dict[str, int]
    profile: dict[str, Any] = field(default_factory=dict)


NEWER = {"thresholds": {"win_rate": {"warn": 0.3, "act": 0.1}}, "targets": {"win_rate": 0.4}}


def situations(place: Place, wanted: list[str]) -> dict[str, Situation]:
    """Those that are wanted, each from where the one before it led."""
    found = {}
    place.profile()
    empty = place.keep("empty.db")
    place.run("install")  # compiles
    installed = place.keep("installed.db")
    if "install" in wanted:
        place.put_back(empty)
        found["install"] = Situation(("install",), empty, place.run("install"), place.counts())
    if "upgrade" in wanted:
        place.put_back(installed)
        place.profile(**NEWER)
        place.run("install")  # compiles
        place.put_back(installed)
        seconds = place.run("install")
        found["upgrade"] = Situation(("install",), installed, seconds, place.counts(), NEWER)
    if "uninstall" in wanted:
        place.put_back(installed)
        command = ("uninstall", "--yes")
        found["uninstall"] = Situation(command, installed, place.run(*command), place.counts())
    return found


def test_a_killed_command_leaves_the_old_state_and_the_next_run_completes(place: Place) -> None:
    """One of the three each day, all of them at length."""
    wanted = in_turn(["install", "upgrade", "uninstall"])
    points = random.Random(seed())
    for what, given in situations(place, wanted).items():
        killed = 0
        place.profile(**given.profile)
        for _ in range(KILLS):
            place.put_back(given.before)
            old = place.rows()
            moment = points.uniform(0, given.seconds)
            killed += place.kill(moment, *given.command)
            left = place.rows()
            assert left == old or place.counts() == given.after, (what, moment)
            if left == old:
                place.run(*given.command)
            assert place.counts() == given.after, (what, moment)
            assert place.rows()["css_templates"] == old["css_templates"]
        print(f"{what}: {killed} of {KILLS} were killed in {given.seconds:.1f} s")
        assert killed

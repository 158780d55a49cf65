"""Commands that are killed at any moment: the old state is left whole, and the next run completes.

The command runs in a child of a process that has Superset loaded already, and is killed as by the
system: nothing of it gets to clean up.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from superset_crmkpi.cli import main
from superset_crmkpi.superset import bootstrap
from tests.superset.kept_metadata import Metadata
from tests.superset.test_cli_install import PROFILE, make_warehouse

COMMANDS = ("install", "upgrade", "uninstall")
#: to ask the tiles afterwards takes longer than all that can be half done
INSTALL = ("install", "--no-ask")
FOREIGN = """
insert into css_templates (template_name, css, created_on, changed_on)
values ('theirs', '.a {}', '2026-01-01', '2026-01-01')
"""
NEWER = {"thresholds": {"win_rate": {"warn": 0.3, "act": 0.1}}, "targets": {"win_rate": 0.4}}


class Place:
    """A Superset, its metadata, and commands run on it by child processes.

    CRMKPI_CACHE_DIR should name a folder: what is compiled once is compiled for all of them.
    """

    def __init__(self, app: Any, metadata: Metadata, folder: Path) -> None:
        self.app, self.metadata, self.folder = app, metadata, folder
        make_warehouse(folder / "warehouse.duckdb")
        self.forget()
        metadata.execute(FOREIGN)

    def forget(self) -> None:
        """Nothing of this process is connected to the metadata."""
        bootstrap.forget_connections(self.app)

    def start(self, *command: str) -> int:
        """The process id of a child that runs the command."""
        self.forget()
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
        """Write the profile, with other values."""
        uri = f"duckdb:///{self.folder / 'warehouse.duckdb'}?access_mode=read_only"
        content = {**PROFILE, "database": {"name": "Mini warehouse", "uri": uri}, **values}
        (self.folder / "crmkpi.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")

    def put_back(self, kept: str) -> None:
        """The metadata as it was."""
        self.forget()
        self.metadata.put_back(kept)

    def counts(self) -> dict[str, int]:
        """Rows by table."""
        return {name: len(rows) for name, rows in self.metadata.rows().items()}


@dataclass(frozen=True)
class Situation:
    """A command, the metadata before it, and what it takes and leaves when nobody kills it."""

    command: tuple[str, ...]
    before: str
    seconds: float
    after: dict[str, int]
    profile: dict[str, Any] = field(default_factory=dict)


def situation(place: Place, what: str, empty: str, installed: str) -> Situation:
    """One of COMMANDS, from an empty Superset or one with an installation."""
    before, command, profile = empty, INSTALL, {}
    if what != "install":
        before = installed
    if what == "upgrade":
        profile = NEWER
    if what == "uninstall":
        command = ("uninstall", "--yes")
    place.profile(**profile)
    if what == "upgrade":
        place.put_back(before)
        place.run(*command)  # compiles
    place.put_back(before)
    seconds = place.run(*command)
    return Situation(command, before, seconds, place.counts(), profile)


def killed_often(place: Place, wanted: list[str], kills: int, seed: int) -> Iterator[str]:
    """Kill each command so often; a line on each. AssertionError where something is half done."""
    points = random.Random(seed)
    place.profile()
    place.forget()
    empty = place.metadata.keep("empty")
    place.run(*INSTALL)  # compiles
    installed = place.metadata.keep("installed")
    for what in wanted:
        given = situation(place, what, empty, installed)
        killed = 0
        for _ in range(kills):
            place.put_back(given.before)
            old = place.metadata.rows()
            moment = points.uniform(0, given.seconds)
            killed += place.kill(moment, *given.command)
            left = place.metadata.rows()
            assert left == old or place.counts() == given.after, (what, moment)
            if left == old:
                place.run(*given.command)
            assert place.counts() == given.after, (what, moment)
            assert place.metadata.rows()["css_templates"] == old["css_templates"]
        assert killed, what
        yield f"{what}: {killed} of {kills} were killed in {given.seconds:.1f} s"

"""What the demo server promises: an address and logins, once more the same, and a clean stop."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from crmkpi_demo.server import HOST, free_port

from superset_crmkpi.base.errors import CrmKpiError
from tests.needs import need_superset
from tests.seeds import by_turns
from tests.superset import toy

#: a demo costs each of them the same again
pytestmark = [pytest.mark.superset, by_turns(2, 0)]

PROGRAM = """
import sys
from pathlib import Path
from tests.superset import toy
toy.demo(Path(sys.argv[1]), int(sys.argv[2]))
"""


SLOW_WAREHOUSE = """
import sys, time
from pathlib import Path
from crmkpi_demo.server import run_demo
from tests.superset import toy
def warehouse(path, report):
    report("Making it slowly")
    time.sleep(600)
run_demo(Path(sys.argv[1]), warehouse, toy.bundle, port=int(sys.argv[2]))
"""


@pytest.fixture(autouse=True)
def ctrl_c_is_heard() -> Iterator[None]:
    """A shell that runs tests in the background ignores Ctrl-C, and so would their processes."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Run:
    """A demo in a process of its own, its output line by line."""

    def __init__(self, home: Path, port: int, program: str = PROGRAM) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, str(home), str(port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        self.output = ""
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.output += line

    def until(self, text: str, seconds: float = 170) -> str:
        deadline = time.monotonic() + seconds
        while text not in self.output:
            assert time.monotonic() < deadline, self.output
            assert self.process.poll() is None or text in self.output, self.output
            time.sleep(0.1)
        return self.output

    def stop(self, number: int) -> int:
        self.process.send_signal(number)
        code = self.process.wait(timeout=20)
        self.reader.join(timeout=5)
        return code

    def descendants(self, number: int) -> list[int]:
        """The processes below, when there are so many; workers come one after the other."""
        deadline = time.monotonic() + 10
        while len(found := children(self.process.pid)) < number:
            assert time.monotonic() < deadline, found
            time.sleep(0.1)
        return found


def children(pid: int) -> list[int]:
    """The processes below this one, by /proc."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    found = [int(child) for child in path.read_text().split()]
    return found + [grandchild for child in found for grandchild in children(child)]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()


@contextmanager
def taken(port: int) -> Iterator[None]:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((HOST, port))
        other.listen()
        yield


def test_the_demo_serves_on_the_next_port_stops_on_ctrl_c_and_runs_again(
    tmp_path, request, monkeypatch
):
    need_superset()
    monkeypatch.setenv("CRMKPI_CACHE_DIR", str(request.config.cache.mkdir("crmkpi-superset")))
    home, port = tmp_path / "demo", free_port(18300)

    with taken(port):
        first = Run(home, port)
        try:
            shown = first.until("Press Ctrl-C")
            processes = first.descendants(3)  # gunicorn and two workers
            assert f"Port {port} is taken" in shown
            (url,) = re.findall(r"demo: (http\S+)", shown)
            assert int(url.rsplit(":", 1)[1]) > port
            with urllib.request.urlopen(f"{url}/health") as answer:
                assert answer.read() == b"OK"
        finally:
            code = first.stop(signal.SIGINT)
    assert code == 0, first.output
    assert "Traceback" not in first.output
    assert [pid for pid in processes if alive(pid)] == []

    second = Run(home, port)
    try:
        again = second.until("Press Ctrl-C")
        assert f"demo: http://{HOST}:{port}" in again
        assert "Port" not in again
        third = Run(home, port)
        assert third.process.wait(timeout=20) != 0
        third.reader.join(timeout=5)
        assert "is running in" in third.output
    finally:
        code = second.stop(signal.SIGTERM)
    assert code == 0, second.output
    assert "unchanged" in again
    assert passwords(again) == passwords(shown)


def test_ctrl_c_while_it_sets_up_leaves_no_process_behind(tmp_path, request, monkeypatch):
    need_superset()
    monkeypatch.setenv("CRMKPI_CACHE_DIR", str(request.config.cache.mkdir("crmkpi-superset")))
    run = Run(tmp_path / "demo", free_port(18300), SLOW_WAREHOUSE)
    run.until("Making it slowly")
    processes = run.descendants(1)
    assert run.stop(signal.SIGINT) != 0
    assert [pid for pid in processes if alive(pid)] == []


def passwords(output: str) -> list[tuple[str, ...]]:
    rows = re.findall(r"│\s*(\S+)\s*│\s*(\S+)\s*│\s*(\S+)\s*│", output)
    assert [row[1] for row in rows] == ["admin", "executive"]
    return rows


def test_secrets_of_the_demo_are_for_its_owner_only(tmp_path):
    from crmkpi_demo.home import logins, open_home

    home = open_home(tmp_path / "demo")
    first = logins(home, [toy.ROLE])
    assert logins(home, [toy.ROLE]) == first
    for name in ("secret_key", "logins.json"):
        assert (home.path / name).stat().st_mode & 0o777 == 0o600
    assert (
        open_home(tmp_path / "other").path.joinpath("secret_key").read_text()
        != (home.path / "secret_key").read_text()
    )


def test_a_demo_that_is_asked_for_it_asks_each_tile(tmp_path, request, monkeypatch):
    need_superset()
    monkeypatch.setenv("CRMKPI_CACHE_DIR", str(request.config.cache.mkdir("crmkpi-superset")))
    from crmkpi_demo.home import open_home
    from crmkpi_demo.making import make
    from crmkpi_demo.steps import Steps
    from rich.console import Console

    def broken(uri: str):
        bundle = toy.with_broken_tiles(uri)
        role = bundle.roles[0]
        return replace(
            bundle, roles=(replace(role, dashboards=(*role.dashboards, toy.uid("broken"))),)
        )

    home, steps = open_home(tmp_path / "demo"), Steps(Console(quiet=True))
    with steps.progress:
        made = make(home, lambda path, _: toy.warehouse(path), broken, "", steps, ask=True)
    assert made.answers["asked"] == 4
    (failed,) = made.answers["failed"]
    assert failed["tile"] == "Fails on real rows"
    assert "Could not convert string" in failed["reason"]
    assert len(made.answers["skipped"]) == 1
    assert made.answers["empty"] == []


def test_a_bundle_that_cannot_be_installed_ends_the_demo_with_one_line(
    tmp_path, request, monkeypatch
):
    need_superset()
    monkeypatch.setenv("CRMKPI_CACHE_DIR", str(request.config.cache.mkdir("crmkpi-superset")))
    from crmkpi_demo.server import run_demo

    def broken(uri: str):
        return toy.changed(toy.bundle(uri), "datasets/toy/deals.yaml", sql="select 1 as x")

    with pytest.raises(CrmKpiError, match="is not in the result of its SQL"):
        run_demo(tmp_path / "demo", toy.warehouse, broken, port=18300, serve=False)

"""The processes of a demo: the one that prepares a Superset, and how any of them is ended."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crmkpi_demo.home import Home
from crmkpi_demo.steps import Report, Steps
from superset_crmkpi.base.errors import CrmKpiError


class Child:
    """The process of `crmkpi_demo.setup`, its messages read by a thread."""

    def __init__(self, process: subprocess.Popen[str], log: Path, report: Report) -> None:
        self.process = process
        self.log = log
        self.report = report
        self.error = ""
        self.summary = ""
        self.answers: Mapping[str, Any] = {}
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            try:
                message = json.loads(line)
            except ValueError:
                continue  # something Superset printed
            if not isinstance(message, dict):
                continue
            self.error = message.get("error", self.error)
            self.summary = message.get("done", self.summary)
            self.answers = message.get("answers", self.answers)
            if text := message.get("step"):
                self.report(text)

    def install(self, request: Path) -> None:
        """Hand the request over and wait for the end; then `summary` and `answers` are there."""
        assert self.process.stdin
        with contextlib.suppress(BrokenPipeError):  # it failed already; its error comes below
            self.process.stdin.write(f"{request}\n")
            self.process.stdin.close()
        self.process.wait()
        self.reader.join(timeout=5)
        if self.error:
            raise CrmKpiError(self.error)
        if self.process.returncode:
            raise CrmKpiError(
                f"Superset could not be set up: {last_line(self.log)} (all of it in {self.log})"
            )
        self.report(f"Installed: {self.summary}")


@contextmanager
def preparing(home: Home, steps: Steps) -> Iterator[Child]:
    log = home.log("setup")
    with log.open("w") as errors, steps.line("Superset", "Starting") as report:
        process = subprocess.Popen(
            [sys.executable, "-m", "crmkpi_demo.setup", str(home.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=home.environment(),
            start_new_session=True,
        )
        try:
            yield Child(process, log, report)
        finally:
            end(process)


def end(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    """End a process that we started with its own session, politely and then not."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=8)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)  # its workers, should any be left
    process.wait()


def last_line(log: Path) -> str:
    """The last line of a log that is not empty: of a traceback, the error."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "no message"

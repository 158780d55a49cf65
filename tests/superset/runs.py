"""Processes with a Superset whose own database is PostgreSQL."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from crmkpi_demo.home import open_home

CONFIG = """\
from crmkpi_demo.superset_config import *
SQLALCHEMY_DATABASE_URI = {uri!r}
SQLALCHEMY_ENGINE_OPTIONS = {{}}
"""


class Runs:
    """Processes with a Superset on this metadata database."""

    def __init__(self, uri: str, warehouse_uri: str, folder: Path) -> None:
        config = folder / "superset_config.py"
        config.write_text(CONFIG.format(uri=uri))
        home = open_home(folder / "home")
        self.environment = {**home.environment(), "SUPERSET_CONFIG_PATH": str(config)}
        self.warehouse_uri = warehouse_uri

    def start(self, what: str, *more: str) -> subprocess.Popen[str]:
        """One that is ready to begin."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.superset.metadata_run", what, self.warehouse_uri, *more],
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
    def end(*processes: subprocess.Popen[str], timeout: int = 300) -> list[dict[str, Any]]:
        """Let all of them begin; what each said."""
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        said = [process.communicate(timeout=timeout)[0] for process in processes]
        assert [process.returncode for process in processes] == [0] * len(processes)
        return [json.loads(one.splitlines()[-1]) for one in said]

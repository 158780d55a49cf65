"""What a test needs beside Python: skip without it on a person's machine, fail without it in CI."""

from __future__ import annotations

import os
from importlib.util import find_spec
from shutil import which

import pytest


def need(thing: str, available: bool, reason: str) -> None:
    """Go on if the thing is available; else skip with a reason, or fail where CI is set."""
    if available:
        return
    message = f"needs {thing}: {reason}"
    if os.environ.get("CI"):
        pytest.fail(f"{message} (CI has to provide it)", pytrace=False)
    pytest.skip(message)


def need_superset() -> None:
    """Superset and the DuckDB dialect."""
    for module, package in (("superset", "apache-superset"), ("duckdb_engine", "duckdb-engine")):
        need(package, find_spec(module) is not None, f"pip install {package}")


def need_hatchling() -> None:
    """What builds wheels and source distributions."""
    need("hatchling", find_spec("hatchling") is not None, "pip install hatchling")


def need_chromium() -> str:
    """A Chromium and Playwright; returns the path of the browser."""
    need("playwright", find_spec("playwright") is not None, "pip install playwright")
    path = next(filter(None, map(which, ("chromium", "chromium-browser", "google-chrome"))), "")
    need("Chromium", bool(path), "install Debian's chromium, or put one on PATH")
    return path

"""The built-in definitions, by the hook that plugins use: our own `sql/` and `dashboards/`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from superset_crmkpi.base.paths import HOME
from superset_crmkpi.plugins.hookspecs import hookimpl


class Home:
    """Where they lie. A test that wants others in their place sets `folder`."""

    folder: Path = HOME


@hookimpl(tryfirst=True)
def register_definitions(register: Callable[[Path], None]) -> None:
    register(Home.folder)

"""Servers that a browser looks at: the demo, and one on the toy bundle."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from crmkpi_demo.home import Home
from crmkpi_demo.run import demo_bundle, fill_warehouse
from crmkpi_demo.server import free_port, run_demo, start_server

from tests.browser.by_pandas import TODAY
from tests.superset import toy

SCALE = 0.2
PORT = 18200 + os.getpid() % 1000  # another run on this machine has another
AUDIENCES = {
    "executive": "crm-executive",
    "pipeline": "crm-pipeline",
    "customer_health": "crm-customer-health",
    "campaigns": "crm-campaigns",
    "trust": "crm-trust",
}


@dataclass(frozen=True)
class Served:
    """A Superset that listens; `logins`: name of the user -> name and password."""

    url: str
    home: Home
    logins: dict[str, tuple[str, str]]

    def of(self, audience: str) -> tuple[str, str]:
        """The login of those whom a dashboard is for."""
        return next(pair for name, pair in self.logins.items() if name.endswith(audience))


@contextmanager
def _served(kept: Path, port: int, set_up: Callable[[], Any]) -> Iterator[Served]:
    """What was set up, served until the end; `kept`: where what is compiled is kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRMKPI_CACHE_DIR", str(kept))
        info = set_up()
        home = Home(Path(info.home))
        server = start_server(home, free_port(port))
        try:
            users = {user.username: (user.username, user.password) for user in info.logins}
            yield Served(server.url, home, users)
        finally:
            server.stop()


@contextmanager
def demo(folder: Path, kept: Path, scale: float = SCALE) -> Iterator[Served]:
    """The demo, set up as `crmkpi demo` does and served on a port of its own."""

    def set_up() -> Any:
        return run_demo(
            folder,
            lambda path, report: fill_warehouse(path, scale, TODAY, report),
            lambda uri: demo_bundle(uri, TODAY),
            port=PORT,
            serve=False,
        )

    with _served(kept, PORT, set_up) as served:
        yield served


@contextmanager
def toy_demo(folder: Path, kept: Path) -> Iterator[Served]:
    """A Superset with the toy in it, and a dashboard whose tiles do not work."""
    with _served(
        kept, 18100, lambda: toy.demo(folder, 18100, toy.with_broken_tiles, serve=False)
    ) as served:
        yield served

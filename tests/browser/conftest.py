"""Servers for the browser tests, each started once: the demo, and one on the toy bundle."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.browser.by_pandas import TODAY, Raw
from tests.needs import need_chromium, need_superset
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


@pytest.fixture(scope="session")
def toy_demo(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Any]:
    """(url, login of the executive) of a running Superset with the toy in it."""
    need_superset()
    need_chromium()
    from crmkpi_demo.home import Home
    from crmkpi_demo.server import free_port, start_server

    cache = request.config.cache
    assert cache is not None
    patch = pytest.MonkeyPatch()
    patch.setenv("CRMKPI_CACHE_DIR", str(cache.mkdir("crmkpi-superset")))
    path = tmp_path_factory.mktemp("demo")
    info = toy.demo(path, 18100, toy.with_broken_tiles, serve=False)
    server = start_server(Home(Path(info.home)), free_port(18100))
    yield server.url, next(user for user in info.logins if user.username == "executive")
    server.stop()
    patch.undo()


@dataclass(frozen=True)
class Demo:
    url: str
    logins: dict[str, tuple[str, str]]  # audience -> (user, password)
    warehouse: Path


@pytest.fixture(scope="session")
def demo(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Demo]:
    """The demo, set up as `crmkpi demo` does and served on a port of its own."""
    need_superset()
    need_chromium()
    from crmkpi_demo.home import Home
    from crmkpi_demo.run import demo_bundle, fill_warehouse
    from crmkpi_demo.server import free_port, run_demo, start_server

    cache = request.config.cache
    assert cache is not None
    patch = pytest.MonkeyPatch()
    patch.setenv("CRMKPI_CACHE_DIR", str(cache.mkdir("crmkpi-superset")))
    info = run_demo(
        tmp_path_factory.mktemp("demo"),
        lambda path, report: fill_warehouse(path, SCALE, TODAY, report),
        lambda uri: demo_bundle(uri, TODAY),
        port=PORT,
        serve=False,
    )
    home = Home(Path(info.home))
    server = start_server(home, free_port(PORT))
    by_role = {user.username: (user.username, user.password) for user in info.logins}
    logins = {
        audience: next(pair for name, pair in by_role.items() if name.endswith(audience))
        for audience in AUDIENCES
    }
    yield Demo(server.url, logins, home.warehouse)
    server.stop()
    patch.undo()


@pytest.fixture(scope="session")
def raw(demo: Demo) -> Iterator[Raw]:
    tables = Raw(demo.warehouse)
    yield tables
    tables.connection.close()

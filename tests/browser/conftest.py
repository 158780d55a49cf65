"""A demo server on the toy bundle, started once for the browser tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.needs import need_chromium, need_superset
from tests.superset import toy


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

"""Servers for the browser tests, each started once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import serving
from tests.browser.by_pandas import Raw
from tests.browser.serving import Served
from tests.needs import need_chromium, need_superset


@pytest.fixture(scope="session")
def kept(request: pytest.FixtureRequest) -> Path:
    """Where what was compiled is kept from run to run."""
    need_superset()
    need_chromium()
    cache = request.config.cache
    assert cache is not None
    return Path(cache.mkdir("crmkpi-superset"))


@pytest.fixture(scope="session")
def toy_demo(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving.toy_demo(tmp_path_factory.mktemp("demo"), kept) as served:
        yield served


@pytest.fixture(scope="session")
def demo(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving.demo(tmp_path_factory.mktemp("demo"), kept) as served:
        yield served


@pytest.fixture(scope="session")
def raw(demo: Served) -> Iterator[Raw]:
    tables = Raw(demo.home.warehouse)
    yield tables
    tables.connection.close()

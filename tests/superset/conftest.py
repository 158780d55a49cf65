"""A Superset in this process, with a metadata database that is fresh for each test.

The app is made once per run; the migrated database is made once per Superset version, kept in
pytest's cache, and copied for each test.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from crmkpi_demo.home import open_home

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.superset import access, bootstrap
from tests.needs import need_superset
from tests.superset import toy
from tests.superset.asking import Viewer

ADMIN_PASSWORD = "admin-of-the-tests"
READER_PASSWORD = "reader-of-the-tests"
MAKE_TEMPLATE = """
import sys
from pathlib import Path

from superset_crmkpi.superset import bootstrap

metadata, template = map(Path, sys.argv[1:])
bootstrap.migrate(bootstrap.make_app(), print)
bootstrap.keep_template(metadata, template)
"""
Dump = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="session")
def _superset(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[tuple[Any, Path, Path]]:
    """(app, the metadata database it uses, the pristine copy)."""
    need_superset()
    before = dict(os.environ)
    cache = request.config.cache
    assert cache is not None
    os.environ["CRMKPI_CACHE_DIR"] = str(cache.mkdir("crmkpi-superset"))
    home = open_home(tmp_path_factory.mktemp("superset"))
    os.environ.update(home.environment())
    template = home.template
    if not template.exists():
        # in a process of its own: only a start on a migrated database writes all rows of a start
        command = [sys.executable, "-c", MAKE_TEMPLATE, home.metadata, template]
        subprocess.run(command, check=True)
    bootstrap.use_template(template, home.metadata)
    app = bootstrap.make_app()
    with app.app_context():
        access.ensure_user("admin", ADMIN_PASSWORD, "Administrator", ["Admin"])
    pristine = home.path / "pristine.db"
    with (
        closing(sqlite3.connect(home.metadata)) as source,
        closing(sqlite3.connect(pristine)) as to,
    ):
        source.backup(to)
    yield app, home.metadata, pristine
    bootstrap.forget_connections(app)
    os.environ.clear()
    os.environ.update(before)


def fresh(superset: tuple[Any, Path, Path]) -> Path:
    """Put the pristine metadata database in place, with empty caches."""
    app, metadata, pristine = superset
    bootstrap.forget_connections(app)
    # The folders stay: Superset's file cache makes them once, when the app is made.
    for cached in metadata.with_name("cache").glob("*/*"):
        cached.unlink(missing_ok=True)
    bootstrap.use_template(pristine, metadata)
    return metadata


@pytest.fixture
def metadata(_superset: tuple[Any, Path, Path]) -> Path:
    """The metadata database file of this test."""
    return fresh(_superset)


@pytest.fixture(scope="module")
def emptied(_superset: tuple[Any, Path, Path]) -> Any:
    """A function that empties the Superset of the tests and gives a client of its administrator."""

    def empty() -> Viewer:
        fresh(_superset)
        return Viewer(_superset[0], "admin", ADMIN_PASSWORD)

    return empty


@pytest.fixture(scope="module")
def installer(_superset: tuple[Any, Path, Path]) -> Any:
    """A function that installs bundles into an empty Superset and gives who sees all of it.

    For tests that only ask: what it installs stays until its next call, or a test with `metadata`.
    """

    def install(*bundles: Bundle) -> Viewer:
        from superset_crmkpi.installer.apply import apply
        from superset_crmkpi.superset.inprocess import open_gateway

        fresh(_superset)
        with open_gateway(_superset[0]) as gateway:
            for bundle in bundles:
                apply(bundle, gateway)
            roles = [role.name for bundle in bundles for role in bundle.roles]
            gateway.ensure_user("reader", READER_PASSWORD, "Reader", roles)
        return Viewer(_superset[0], "reader", READER_PASSWORD)

    return install


@pytest.fixture
def superset_app(_superset: tuple[Any, Path, Path], metadata: Path) -> Any:
    """Superset's Flask app."""
    return _superset[0]


@pytest.fixture(params=["inprocess"])
def gateway(request: pytest.FixtureRequest, superset_app: Any) -> Iterator[Any]:
    """A gateway that acts as the administrator. Every gateway has to pass the same tests."""
    from superset_crmkpi.superset.inprocess import open_gateway

    assert request.param == "inprocess"
    with open_gateway(superset_app) as opened:
        yield opened


@pytest.fixture(scope="session")
def warehouse_uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A DuckDB file with the toy's table, opened read only."""
    need_superset()
    path = tmp_path_factory.mktemp("warehouse") / "toy.duckdb"
    toy.warehouse(path)
    return f"duckdb:///{path}?access_mode=read_only"


@pytest.fixture
def dump(metadata: Path) -> Any:
    """A function that reads every row of every table of the metadata database."""

    def read() -> Dump:
        with closing(sqlite3.connect(metadata)) as connection:
            connection.row_factory = sqlite3.Row
            tables = connection.execute("select name from sqlite_master where type = 'table'")
            return {
                name: sorted(map(dict, connection.execute(f'select * from "{name}"')), key=repr)
                for (name,) in tables.fetchall()
            }

    return read

"""A Superset in this process, with a metadata database that is fresh for each test.

The app is made once per run; the migrated database is made once per Superset version, kept in
pytest's cache, and copied for each test.
"""

from __future__ import annotations

import gc
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from crmkpi_demo.home import open_home

from superset_crmkpi.bundle.assets import Bundle
from superset_crmkpi.superset import access, bootstrap
from tests.needs import need_superset
from tests.seeds import within
from tests.superset import rows, toy
from tests.superset.asking import Viewer
from tests.warehouses import postgres

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
Dump = rows.Rows


#: days within which each test has run by REST as well; CRMKPI_EXAMPLES has more of them run a day
REST_DAYS = 30
#: what takes half a minute by REST has its turn every other day
REST_LONG = ("both ways", "command")


def rest_turn(name: str) -> pytest.MarkDecorator:
    """The mark of one of `REST_LONG`."""
    return pytest.mark.turn(lambda _: name in within(2, REST_LONG))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """By REST each test takes seconds: some of them a day."""
    by_rest = sorted((item for item in items if not in_process(item)), key=lambda i: i.nodeid)
    waiting = set(by_rest) - set(within(REST_DAYS, by_rest)) if by_rest else set()
    config.hook.pytest_deselected(items=list(waiting))
    items[:] = [item for item in items if item not in waiting]


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
    os.environ["SUPERSET_CONFIG_PATH"] = str(Path(__file__).with_name("superset_config.py"))
    template = home.template.with_name(f"roles-{home.template.name}")
    if not template.exists():
        # in a process of its own: only a start on a migrated database writes all rows of a start
        command = [sys.executable, "-c", MAKE_TEMPLATE, home.metadata, template]
        subprocess.run(command, check=True)
    bootstrap.use_template(template, home.metadata)
    app = bootstrap.make_app()
    gc.collect()
    gc.freeze()  # a Superset is a million objects, which would be looked through again and again
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
def hold(_superset: tuple[Any, Path, Path]) -> Iterator[Callable[[str], sa.engine.Engine]]:
    """A function that holds a DuckDB file open: Superset's queries each load its catalogue anew.

    It gives the engine that Superset opens it with; DuckDB has one configuration for all.
    """
    from superset.models.core import Database

    with ExitStack() as opened:

        def holding(uri: str) -> sa.engine.Engine:
            with _superset[0].app_context():
                database = Database(database_name="held", sqlalchemy_uri=uri)
                engine = opened.enter_context(database.get_sqla_engine())
            opened.enter_context(engine.connect())
            return engine

        yield holding


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
            # to look datasets up by name takes more than looking at dashboards
            gateway.ensure_user("reader", READER_PASSWORD, "Reader", ["Gamma", *roles])
        return Viewer(_superset[0], "reader", READER_PASSWORD)

    return install


@pytest.fixture
def superset_app(_superset: tuple[Any, Path, Path], metadata: Path) -> Any:
    """Superset's Flask app."""
    return _superset[0]


@pytest.fixture(scope="session")
def superset_url(_superset: tuple[Any, Path, Path]) -> Iterator[str]:
    """The address of the Superset of the tests, served as any other."""
    with serving(_superset[0]) as url:
        yield url


@pytest.fixture
def alerts_on(
    _superset: tuple[Any, Path, Path], superset_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alerts are on, at an address that people reach."""
    from superset.extensions import feature_flag_manager

    monkeypatch.setitem(_superset[0].config, "WEBDRIVER_BASEURL_USER_FRIENDLY", superset_url)
    monkeypatch.setitem(feature_flag_manager._feature_flags, "ALERT_REPORTS", True)


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve a WSGI app on 127.0.0.1 for the time being; gives its address."""
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(params=["inprocess", "rest"])
def gateway(request: pytest.FixtureRequest, superset_app: Any) -> Iterator[Any]:
    """A gateway that acts as the administrator. Every gateway has to pass the same tests.

    A test is in the app context of Superset whichever it is, to set up what REST cannot.
    """
    from superset_crmkpi.superset.inprocess import open_gateway
    from superset_crmkpi.superset.rest.gateway import open_remote
    from superset_crmkpi.superset.rest.login import Password

    with open_gateway(superset_app) as opened:
        if request.param == "inprocess":
            yield opened
            return
        url = request.getfixturevalue("superset_url")
        with open_remote(url, Password("admin", ADMIN_PASSWORD)) as remote:
            yield remote


@pytest.fixture(scope="session")
def warehouse_uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A DuckDB file with the toy's table, opened read only."""
    need_superset()
    path = tmp_path_factory.mktemp("warehouse") / "toy.duckdb"
    toy.warehouse(path)
    return f"duckdb:///{path}?access_mode=read_only"


@pytest.fixture
def postgres_metadata() -> Iterator[str]:
    """The URI of a PostgreSQL database for a Superset, dropped afterwards."""
    need_superset()
    for engine in postgres("superset"):
        yield engine.url.set(query={}).render_as_string(hide_password=False)


@pytest.fixture
def dump(metadata: Path, request: pytest.FixtureRequest) -> Any:
    """A function that reads every row of every table of the metadata database.

    By REST without Superset's log of requests, which reading fills as well.
    """

    def read() -> Dump:
        return rows.all_of(metadata, () if in_process(request.node) else ("logs",))

    return read


@pytest.fixture
def snapshot(dump: Any, request: pytest.FixtureRequest) -> Any:
    """The same for what was undone: by REST that is to write it again, at another time."""
    return dump if in_process(request.node) else lambda: rows.undone(dump())


def in_process(item: pytest.Item) -> bool:
    """Whether the gateway of a test is the one in this process, or it has none."""
    given = getattr(item, "callspec", None)
    return given is None or given.params.get("gateway", "inprocess") == "inprocess"

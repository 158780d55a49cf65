"""Superset's own database may be PostgreSQL: the same comes, is kept and goes.

(Not MariaDB: Superset's own tables cannot be made there, as its Flask-AppBuilder asks for sequences
in a way that MariaDB does not take.)
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from crmkpi_demo.home import open_home

from tests.needs import need_superset
from tests.seeds import in_turn
from tests.warehouses import POSTGRES

pytestmark = pytest.mark.superset
CONFIG = """\
from crmkpi_demo.superset_config import *
SQLALCHEMY_DATABASE_URI = {uri!r}
SQLALCHEMY_ENGINE_OPTIONS = {{}}
"""
#: a Superset migrates such a database in a minute
TODAYS = in_turn(["postgresql", "", "", ""])


@pytest.fixture
def database() -> Iterator[str]:
    """The URI of a database of its own, dropped afterwards."""
    need_superset()
    admin = sa.create_engine(f"{POSTGRES}/postgres", isolation_level="AUTOCOMMIT", future=True)
    name = f"crmkpi_superset_{os.getpid()}"
    with admin.connect() as connection:
        connection.exec_driver_sql(f"create database {name}")
    yield f"{POSTGRES}/{name}"
    with admin.connect() as connection:
        connection.exec_driver_sql(f"drop database {name} with (force)")
    admin.dispose()


@pytest.mark.postgres
@pytest.mark.turn(lambda _: "postgresql" in TODAYS)
def test_the_toy_comes_is_upgraded_around_edits_and_goes(
    database: str, warehouse_uri: str, tmp_path: Path
) -> None:
    home = open_home(tmp_path / "home")
    config = tmp_path / "superset_config.py"
    config.write_text(CONFIG.format(uri=database))
    done = subprocess.run(
        [sys.executable, "-m", "tests.superset.metadata_run", warehouse_uri],
        env={**home.environment(), "SUPERSET_CONFIG_PATH": str(config)},
        capture_output=True,
        text=True,
        timeout=560,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert found["created"] == 8
    assert not found["again"]
    assert not found["unchanged"]
    assert found["chart"] == ["Volume", 60, "New"]
    assert {"biggest", "average", "total_amount"} <= set(found["metrics"])
    assert found["left"] == {}

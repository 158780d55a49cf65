"""A password is nowhere in what any command writes: planted, and everything searched for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
import yaml
from click.testing import CliRunner

from superset_crmkpi.cli import main
from tests.seeds import by_turns
from tests.superset.test_cli_install import PROFILE

pytestmark = pytest.mark.superset

#: with what has to be escaped in a URI, and what a message might break at
CANARY = "Kanari: 4711/§geheim"
SERVER = "postgresql+psycopg2://postgres@127.0.0.1:5432"
#: command -> whether it succeeds
COMMANDS = {
    "doctor": ["doctor"],
    "build": ["build"],
    "bundle": ["bundle", "-o", "crm.zip"],
    "plan": ["plan"],
    "install": ["install"],
    "plan as JSON": ["plan", "--format", "json"],
    "status": ["status", "--format", "json"],
    "fields": ["fields"],
    "uninstall": ["uninstall", "--dry-run", "--format", "json"],
}


@pytest.fixture
def database() -> Iterator[str]:
    """A database with two tables of a CRM; its name."""
    name = f"crmkpi_secret_{os.getpid()}"
    server = sa.create_engine(f"{SERVER}/postgres", isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text(f"create database {name}"))
    engine = sa.create_engine(f"{SERVER}/{name}", future=True)
    with engine.begin() as connection:
        for statement in (
            "create schema crm",
            "create table crm.accounts as select 'a1' as account_id, 'One' as name, "
            "timestamp '2025-01-01' as created_at",
            "create table crm.deals as select 'd' || i as deal_id, 'a1' as account_id, "
            "'Deal' as title, 'won' as state, 100.0 * i as value, "
            "timestamp '2025-02-01' as created_at, date '2025-04-01' as closed_at "
            "from generate_series(1, 9) as i",
        ):
            connection.execute(sa.text(statement))
    engine.dispose()
    yield name
    with server.connect() as connection:
        connection.execute(sa.text(f"drop database {name} with (force)"))
    server.dispose()


@by_turns(2)
def test_a_password_is_nowhere(
    superset_app: Any,
    metadata: Path,
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    uri = "postgresql+psycopg2://postgres:${CANARY}@127.0.0.1:5432/" + database
    content = {**PROFILE, "database": {"name": "Secret", "uri": uri}, "mode": "built"}
    (tmp_path / "crmkpi.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CANARY", quote(CANARY, safe=""))
    monkeypatch.setenv("CRMKPI_CACHE_DIR", str(tmp_path / "cache"))
    written: dict[str, bytes] = {}
    with superset_app.app_context():
        for name, command in COMMANDS.items():
            done = CliRunner().invoke(main, ["--debug", *command])
            assert done.exit_code in (0, 1, 2), done.output
            assert "Traceback" not in done.output, done.output
            written[name] = done.output.encode()
        broken = {**content, "database": {"name": "Secret", "uri": uri.replace("5432", "1")}}
        Path("broken.yaml").write_text(yaml.safe_dump(broken), encoding="utf-8")
        for command in ("doctor", "install"):
            done = CliRunner().invoke(main, ["--debug", command, "--profile", "broken.yaml"])
            assert done.exit_code == 2, done.output
            written[f"{command} of a server that is not there"] = done.output.encode()
    for path in [*tmp_path.rglob("*"), *metadata.parent.glob(f"{metadata.name}*")]:
        if path.is_file():
            written[str(path)] = path.read_bytes()
    assert any("cache" in name for name in written)
    assert b"Installed" in written["install"]
    for spelling in (CANARY, quote(CANARY, safe=""), quote(CANARY), "geheim", "Kanari"):
        leaks = [name for name, found in written.items() if spelling.encode() in found]
        assert not leaks, (spelling, leaks)

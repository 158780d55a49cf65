"""What is done can be watched, secrets are never told, and a bug of ours is called one."""

from __future__ import annotations

import logging
from pathlib import Path
from types import FunctionType

import pytest
from click.testing import Result

from superset_crmkpi.base.bugs import bug_in
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.secrets import expand_uri, without_secrets
from superset_crmkpi.installer.gateway import LedgerEntry
from superset_crmkpi.installer.ledger import pack, unpack
from superset_crmkpi.superset.failures import one_line
from tests.commands import run

ROOMS = [
    "catalogue.reader", "compile.compiler", "connectors.source", "installer.apply",
    "installer.ledger", "kit.check", "plugins.manager", "project.build", "project.load",
    "superset.failures", "superset.probe", "warehouse.connect", "warehouse.load",
]  # fmt: skip
UNREACHABLE = "postgresql+psycopg2://reader:${WAREHOUSE_PASSWORD}@127.0.0.1:1/crm"


def load(folder: Path, *options: str) -> Result:
    (folder / "deals.csv").write_text("id,amount\n1,2.5\n2,3.5\n")
    into = f"duckdb:///{folder / 'w.duckdb'}"
    return run(*options, "load", str(folder / "deals.csv"), "--into", into, "--schema", "raw")


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_where_something_slow_or_decisive_happens_has_a_logger_of_its_name(
    room: str,
) -> None:
    __import__(f"superset_crmkpi.{room}")
    assert f"superset_crmkpi.{room}" in logging.root.manager.loggerDict


def test_without_options_nothing_but_the_result_is_told(tmp_path: Path) -> None:
    done = load(tmp_path)
    assert done.exit_code == 0
    assert done.stderr == ""


def test_verbose_says_what_is_done_on_stderr_alone(tmp_path: Path) -> None:
    done = load(tmp_path, "-v")
    assert done.exit_code == 0
    assert "warehouse.load: raw.deals: 2 rows from " in done.stderr
    assert "create table" not in done.stderr.lower()
    assert done.stdout.startswith("loaded    raw.deals")


def test_debug_says_the_sql_too_with_its_seconds(tmp_path: Path) -> None:
    done = load(tmp_path, "--debug")
    assert done.exit_code == 0
    lines = done.stderr.splitlines()
    (place,) = [n for n, line in enumerate(lines) if line == "create schema if not exists raw"]
    assert lines[place - 1].endswith(" s:")


def test_what_one_command_was_asked_to_say_the_next_one_does_not(tmp_path: Path) -> None:
    assert load(tmp_path, "--debug").stderr
    assert run("calc", "win_rate", "won=1", "lost=3").stderr == ""


def test_debug_shows_the_traceback_of_an_error_and_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAREHOUSE_PASSWORD", "p%40ss%2Fw0rd")
    (tmp_path / "deals.csv").write_text("id\n1\n")
    arguments = ["load", str(tmp_path / "deals.csv"), "--into", UNREACHABLE, "--schema", "raw"]
    plain, debugged = run(*arguments), run("--debug", *arguments)
    assert plain.exit_code == debugged.exit_code == 2
    assert "cannot be reached" in plain.stderr
    assert "Traceback" not in plain.stderr
    assert "OperationalError" in debugged.stderr
    assert "Traceback (most recent call last)" in debugged.stderr
    for secret in ("p@ss/w0rd", "p%40ss/w0rd", "p%40ss%2Fw0rd"):
        assert secret not in plain.output + debugged.output


@pytest.mark.parametrize(
    ("uri", "secret"),
    [
        ("postgresql://reader:${A_SECRET}@db/crm", "tr0ub4dor&3"),
        ("snowflake://reader@account/crm?private_key_passphrase=${A_SECRET}", "tr0ub4dor"),
    ],
)
def test_a_secret_that_was_put_into_a_uri_is_masked_in_every_line(
    monkeypatch: pytest.MonkeyPatch, uri: str, secret: str
) -> None:
    monkeypatch.setenv("A_SECRET", secret)
    full = expand_uri(uri)
    assert secret in full
    assert secret not in without_secrets(f"could not connect to {full} as reader")
    assert "reader" in without_secrets(full)


def test_a_bug_of_ours_is_called_one_and_ends_with_70(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("superset_crmkpi.catalogue.display.shown", None)
    done = run("calc", "win_rate", "won=1", "lost=3")
    assert done.exit_code == 70
    assert done.stderr == (
        "Error: bug in superset-crmkpi: TypeError: 'NoneType' object is not callable; "
        "run again with --debug and report it\n"
    )
    debugged = run("--debug", "calc", "win_rate", "won=1", "lost=3")
    assert debugged.exit_code == 70
    assert "Traceback" in debugged.stderr
    assert debugged.stderr.endswith("is not callable; report it\n")


def test_what_the_file_system_says_is_no_bug_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("superset_crmkpi.catalogue.display.shown", full)
    done = run("calc", "win_rate", "won=1", "lost=3")
    assert done.exit_code == 2
    assert "No space left" in done.stderr
    assert "bug" not in done.stderr


def raising(error: Exception, module: str) -> FunctionType:
    """A function of a module of that name, which raises."""
    space = {"__name__": module, "error": error}
    exec("def raises():\n    raise error\n", space)
    found = space["raises"]
    assert isinstance(found, FunctionType)
    return found


def test_an_error_of_superset_is_one_line_that_says_what_was_being_done() -> None:
    for error in (KeyError("extra"), AttributeError("no such thing"), ValueError("odd")):
        with pytest.raises(CrmKpiError, match=r"^Reading assets: "), one_line("Reading assets"):
            raising(error, "superset.commands.importers")()


def test_a_bug_of_ours_is_never_dressed_as_an_error_of_superset() -> None:
    with pytest.raises(AttributeError), one_line("Writing the ledger"):
        pack(None)  # type: ignore[arg-type]
    for error in (KeyError("extra"), AttributeError("x"), AssertionError(), TypeError("y")):
        with pytest.raises(type(error)), one_line("Reading assets"):
            raising(error, "superset_crmkpi.superset.reader")()


@pytest.mark.parametrize(
    ("error", "module", "package"),
    [
        (AttributeError("x"), "superset_crmkpi.compile.live", "superset-crmkpi"),
        (AttributeError("x"), "crmkpi_acorn", "crmkpi-acorn"),
        (AttributeError("x"), "flask.ctx", None),
        (FileNotFoundError("x"), "superset_crmkpi.compile.live", None),
        (ImportError("x", name="psycopg2"), "superset_crmkpi.warehouse.connect", None),
        (ImportError("x", name="superset_crmkpi.nope"), "crmkpi_acorn", "superset-crmkpi"),
    ],
)
def test_whose_bug_an_error_is_tells_the_place_where_it_arose(
    error: Exception, module: str, package: str | None
) -> None:
    with pytest.raises(type(error)) as caught:
        raising(error, module)()
    assert bug_in(caught.value) == package


def test_an_entry_of_the_ledger_that_cannot_be_read_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    entry = LedgerEntry("chart", "u-1", "Win rate", "0" * 64, {"slice_name": "Win rate"})
    assert unpack("chart u-1", pack(entry)) == entry
    assert not caplog.records
    for broken in ("", "{}", pack(entry).replace('"content": "', '"content": "!'), "[1]"):
        caplog.clear()
        assert unpack("chart u-1", broken) is None
        (line,) = [record.message for record in caplog.records]
        assert line.startswith("the ledger's entry `chart u-1` cannot be read (")

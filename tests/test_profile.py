"""A wrong profile gets one line that names file, line, key and remedy, and changes nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.secrets import expand_uri
from superset_crmkpi.cli import main
from superset_crmkpi.profile.schema import minutes
from superset_crmkpi.project.load import load_profile

RIGHT = """\
database:
  name: Warehouse
  uri: duckdb:///warehouse.duckdb
sources:
  sales: {connector: salesforce, landing: fivetran, schema: salesforce}
calendar:
  time_zone: Europe/Berlin
business_hours:
  default:
    days: {monday: "09:00-17:30"}
currency:
  reporting: EUR
  rates:
    - {currency: USD, valid_from: 2026-01-01, rate: 0.92}
"""
WRONG = [
    ("database:\n", "databse:\n", 1, "databse", "unknown key"),
    ("  name: Warehouse\n", "", 1, "database.name", "is missing; add it"),
    ("duckdb:///warehouse", "warehouse", 3, "database.uri", "is not a database URI"),
    ("duckdb:///w", "postgresql://me:secret@db/", 3, "database.uri", "write ${VARIABLE}"),
    ("duckdb:///w", "postgresql://me:a${B}@db/", 3, "database.uri", "${VARIABLE}"),
    ("connector: salesforce", "connector: sugar", 5, "sources.sales.connector", "pip install"),
    ("landing: fivetran", "landing: stitch", 5, "sources.sales.landing", "it knows: "),
    ("schema: salesforce", "shema: salesforce", 5, "sources.sales.shema", "unknown key; known:"),
    ("  sales:", "  Sales Team:", 4, "sources", "use lower-case letters"),
    ("schema: salesforce", "links: {account: x}", 4, "sources", "there is no source x"),
    ("schema: salesforce", "links: {unicorn: sales}", 5, "sources.sales.links.unicorn", "no such"),
    (
        "schema: salesforce",
        "record_base: ftp://acme.example",
        5,
        "sources.sales.record_base",
        "`ftp://acme.example` is no address of a website; write it as https://acme.example",
    ),
    ("schema: salesforce", "record_base: acme.example", 5, "sources.sales.record_base", "no addr"),
    ("schema: salesforce", "record_base: 'https:///x'", 5, "sources.sales.record_base", "no addr"),
    ("schema: salesforce", "record_base: https://a:x/", 5, "sources.sales.record_base", "no addr"),
    (
        "schema: salesforce",
        "record_base: https://me:secret@acme.example",
        5,
        "sources.sales.record_base",
        "a user or password stands in the address; write it without",
    ),
    ("schema: salesforce", "record_base: 'https://a\"b'", 5, "sources.sales.record_base", '`"`'),
    ("schema: salesforce", "record_base: https://a b", 5, "sources.sales.record_base", "` `"),
    ("schema: salesforce", "record_base: https://a?b=1", 5, "sources.sales.record_base", "`?`"),
    ("schema: salesforce", "record_base: https://ä.de", 5, "sources.sales.record_base", "`ä`"),
    (
        "schema: salesforce",
        "record_base: {desk: 'https://acme.example'}",
        5,
        "sources.sales.record_base",
        "no page begins with {desk}; name it: base",
    ),
    (
        "schema: salesforce",
        "record_pages: {deal: 'https://acme.example/{id}'}",
        5,
        "sources.sales.record_pages.deal",
        "no such canonical entity",
    ),
    (
        "schema: salesforce",
        "record_pages: {lead: 'javascript:alert({id})'}",
        5,
        "sources.sales.record_pages",
        "begin it with https:// or {base}, and write {id} once",
    ),
    (
        "schema: salesforce",
        "record_pages: {lead: {'{number}': '{base}/{id}'}}",
        5,
        "sources.sales.record_pages",
        "write {number} there too",
    ),
    ("schema: salesforce", "time_zone: CEST+1", 5, "sources.sales.time_zone", "IANA"),
    ("Europe/Berlin", "Berlin", 7, "calendar.time_zone", "use an IANA name"),
    ("  time_zone: E", "  zone: E", 7, "calendar.zone", "known: time_zone, week_start"),
    ("  time_zone: E", "  fiscal_year_start: 13\n  time_zone: E", 7, "calendar.fisc", "12"),
    ("09:00-17:30", "17:30-09:00", 10, "business_hours.default.days", "end after the start"),
    ("09:00-17:30", "9-17", 10, "business_hours.default.days", "HH:MM-HH:MM"),
    (
        "  default:\n",
        "  a: {days: {}, teams: [X]}\n  b: {days: {}, teams: [x]}\n  default:\n",
        8,
        "business_hours",
        "team `x` is on two schedules, a and b",
    ),
    ("monday", "montag", 10, "business_hours.default.days.montag", "monday"),
    ("reporting: EUR", "reporting: euro", 12, "currency.reporting", "[A-Z]{3}"),
    ("rate: 0.92", "rate: -1", 14, "currency.rates.0.rate", "greater than 0"),
    ("currency:\n", "settings: {mood: 3}\ncurrency:\n", 11, "settings.mood", "no fact uses it"),
    ("currency:\n", "targets: {wins: 3}\ncurrency:\n", 11, "targets.wins", "`crmkpi kpis` lists"),
    ("currency:\n", "mode: hybrid\ncurrency:\n", 11, "mode", "'live' or 'built'"),
    ("currency:\n", "schema: CRM data\ncurrency:\n", 11, "schema", "pattern"),
]


@pytest.mark.parametrize(("old", "new", "line", "key", "remedy"), WRONG)
def test_each_fault_names_file_line_key_and_remedy(
    tmp_path: Path, old: str, new: str, line: int, key: str, remedy: str
) -> None:
    assert old in RIGHT
    path = tmp_path / "crmkpi.yaml"
    path.write_text(RIGHT.replace(old, new, 1))
    with pytest.raises(CrmKpiError) as caught:
        load_profile(path)
    message = caught.value.message
    assert message.startswith(f"crmkpi.yaml line {line}: `{key}"), message
    assert remedy in message, message
    assert "\n" not in message
    assert "secret" not in message or remedy == "write ${VARIABLE}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty; a profile has `database:` and `sources:`"),
        ("- a\n", "is empty; a profile has"),
        ("database: [\n", "line 2: not YAML"),
        ("database: {name: W}\nsources: {}\n", "line 2: `sources`"),
    ],
)
def test_what_is_no_profile_at_all_is_said_to_be_so(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "crmkpi.yaml"
    path.write_text(text)
    with pytest.raises(CrmKpiError) as caught:
        load_profile(path)
    assert message in caught.value.message
    assert "\n" not in caught.value.message


def test_a_profile_that_is_not_there_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(CrmKpiError, match=r"cannot be read .* name the profile by --profile"):
        load_profile(tmp_path / "crmkpi.yaml")


def test_a_right_profile_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "crmkpi.yaml"
    path.write_text(RIGHT)
    profile = load_profile(path)
    assert profile.sources["sales"].schema_ == "salesforce"
    assert profile.currency.rates[0].rate == 0.92
    assert profile.mode == "live"


@pytest.mark.parametrize("command", ["build", "doctor", "bundle"])
def test_a_command_with_a_wrong_profile_ends_with_one_line_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    duckdb.connect(str(tmp_path / "warehouse.duckdb")).close()
    (tmp_path / "crmkpi.yaml").write_text(RIGHT.replace("Europe/Berlin", "Berlin"))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    done = CliRunner().invoke(main, [command])
    assert done.exit_code == 2
    said = [line for line in done.output.splitlines() if line.strip()]
    assert [line for line in said if line.startswith("Error:")] == [
        "Error: crmkpi.yaml line 7: `calendar.time_zone`: `Berlin` is not a time zone; "
        "use an IANA name as Europe/Berlin"
    ]
    assert "Traceback" not in done.output
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_installed_command_exits_non_zero_on_a_wrong_profile(tmp_path: Path) -> None:
    (tmp_path / "crmkpi.yaml").write_text(RIGHT.replace("name: Warehouse", "nam: Warehouse"))
    code = "from superset_crmkpi.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "doctor"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "crmkpi.yaml line" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_schema_that_does_not_exist_is_named_with_those_that_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute("create schema sf")
    (tmp_path / "crmkpi.yaml").write_text(RIGHT)
    done = CliRunner().invoke(main, ["doctor"])
    assert done.exit_code == 2
    assert "`sources.sales.schema: salesforce`: no such schema; there are: " in done.output
    assert "sf" in done.output


def test_a_secret_comes_from_the_environment_and_a_missing_one_is_named() -> None:
    uri = "postgresql://me:${SECRET_OF_TEST}@db/crm"
    assert expand_uri(uri, {"SECRET_OF_TEST": "x"}) == "postgresql://me:x@db/crm"
    with pytest.raises(CrmKpiError, match="SECRET_OF_TEST is not set"):
        expand_uri(uri, {})


def test_hours_are_minutes_after_midnight() -> None:
    assert minutes("09:00-17:30") == (540, 1050)

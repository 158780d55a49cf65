"""The commands themselves, each a process, on a Superset and a warehouse of their own."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from crmkpi_demo.home import Home, open_home

from superset_crmkpi.cli.plan import SOMETHING_TO_DO
from superset_crmkpi.superset import bootstrap
from tests.commands import run
from tests.seeds import by_turns
from tests.superset.conftest import ADMIN_PASSWORD, rest_turn

pytestmark = pytest.mark.superset
BIN = Path(sys.executable).parent
NO_COUNT = {"logs"}  # Superset writes down that somebody did something

PROFILE: dict[str, Any] = {
    "name": "Mini",
    "database": {"name": "Mini warehouse", "uri": "duckdb:///${MINI_FILE}?access_mode=read_only"},
    "sources": {
        "crm": {
            "connector": "sql",
            "schema": "crm",
            "entities": {
                "account": "select account_id as id, name, created_at from accounts",
                "opportunity": (
                    "select deal_id as id, account_id, title as name, state as status,"
                    " value as amount, 'EUR' as currency, created_at, closed_at as closed_date"
                    " from deals"
                ),
            },
        }
    },
    "calendar": {"today": "2026-03-18"},
}


WITHOUT_SUPERSET = """
import sys

for name in ("superset", "flask", "flask_appbuilder", "flask_sqlalchemy", "marshmallow"):
    sys.modules[name] = None

from superset_crmkpi.cli import main

main()
"""


@dataclass(frozen=True)
class Place:
    """A Superset, a warehouse and a profile in one folder."""

    home: Home
    warehouse: Path

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {**self.home.environment(), "MINI_FILE": str(self.warehouse), **more}
        return subprocess.run(
            [str(BIN / command[0]), *command[1:]],
            env=environment,
            cwd=self.home.path,
            capture_output=True,
            text=True,
            timeout=280,
        )

    def ok(self, *command: str) -> str:
        done = self.run(*command)
        assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-1000:]
        return done.stdout

    def profile(self, content: Mapping[str, Any], name: str = "crmkpi.yaml") -> str:
        path = self.home.path / name
        path.write_text(yaml.safe_dump(dict(content), sort_keys=False), encoding="utf-8")
        return name

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of Superset's metadata, but for its log of who did what."""
        with closing(sqlite3.connect(self.home.metadata)) as connection:
            names = connection.execute("select name from sqlite_master where type = 'table'")
            return {
                name: sorted(connection.execute(f'select * from "{name}"').fetchall(), key=repr)
                for (name,) in names.fetchall()
                if name not in NO_COUNT
            }


def make_warehouse(warehouse: Path) -> None:
    """A hundred deals of twenty accounts in a DuckDB file."""
    import duckdb

    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            """
            create schema crm;
            create table crm.accounts as
              select 'a' || i as account_id, 'Account ' || i as name,
                timestamp '2025-01-01' + to_days(i::int) as created_at from range(20) as t(i);
            create table crm.deals as
              select 'd' || i as deal_id, 'a' || (i % 20) as account_id, 'Deal ' || i as title,
                case i % 4 when 0 then 'won' when 1 then 'lost' else 'open' end as state,
                100.0 * i as value, timestamp '2025-02-01' + to_days(i::int) as created_at,
                case when i % 4 < 2 then date '2025-04-01' + (3 * i)::int end as closed_at
              from range(100) as t(i)
            """
        )


@pytest.fixture(scope="module")
def place(_superset: tuple[Any, Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Place:
    home = open_home(tmp_path_factory.mktemp("cli"))
    bootstrap.use_template(_superset[2], home.metadata)
    warehouse = home.path / "warehouse.duckdb"
    make_warehouse(warehouse)
    return Place(home, warehouse)


@by_turns(2, 0)
def test_plan_install_and_install_again(place: Place) -> None:
    place.profile(PROFILE)
    before = place.rows()
    planned = place.run("superset", "crmkpi", "plan", "--format", "json")
    assert planned.returncode == SOMETHING_TO_DO, planned.stderr
    assert {step["action"] for step in json.loads(planned.stdout)["steps"]} == {"create"}
    assert place.rows() == before

    first = place.ok("superset", "crmkpi", "install", "--no-ask", "--profile", "crmkpi.yaml")
    assert "Mini: Executive CRM Review: /superset/dashboard/mini-crm-executive/" in first
    installed = place.rows()
    assert installed != before

    # `crmkpi` alone is the same command: it finds Superset by its configuration.
    again = json.loads(place.ok("crmkpi", "install", "--format", "json"))
    assert {step["action"] for step in again["steps"]} == {"unchanged"}
    assert place.rows() == installed

    # The connection is there now; a profile that only names it is for the same dashboards.
    named = {**PROFILE, "database": {"name": "Mini warehouse"}}
    text = place.profile(named, "named.yaml")
    told = place.ok("crmkpi", "plan", "--profile", text)
    assert re.search(r"^\d+ unchanged, 1 use$", told, re.MULTILINE), told
    assert place.rows() == installed


@by_turns(2, 0)
def test_status_and_uninstall(place: Place) -> None:
    """After the test above."""
    found = json.loads(place.ok("crmkpi", "status", "--fail", "--format", "json"))
    assert found["fine"]
    assert found["metrics"] > 40
    removed = place.ok("superset", "crmkpi", "uninstall", "--yes", "--warehouse")
    assert re.search(r"^Done: \d+ remove$", removed, re.MULTILINE), removed
    left = place.rows()
    for table in ("dbs", "tables", "slices", "dashboards", "annotation_layer", "annotation"):
        assert not left[table]


@rest_turn("command")
def test_an_install_by_rest_is_known_to_the_one_in_process(
    superset_app: Any, superset_url: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place.home.path)
    monkeypatch.setenv("MINI_FILE", str(place.warehouse))
    monkeypatch.setenv("CRMKPI_SUPERSET_PASSWORD", ADMIN_PASSWORD)
    source = PROFILE["sources"]["crm"]
    few = {"account": source["entities"]["account"]}
    place.profile({**PROFILE, "sources": {"crm": {**source, "entities": few}}})
    there = ("--url", superset_url, "--username", "admin")

    # by REST nothing of Superset is needed
    planned = subprocess.run(
        [sys.executable, "-c", WITHOUT_SUPERSET, "plan", "--format", "json", *there],
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert planned.returncode == SOMETHING_TO_DO, planned.stderr
    assert {step["action"] for step in json.loads(planned.stdout)["steps"]} == {"create"}
    first = run("install", *there)
    assert (
        f"Mini: Executive CRM Review: {superset_url}/superset/dashboard/mini-crm-executive/"
        in first.stdout
    )
    with superset_app.app_context():
        done = run("plan", "--format", "json")
    assert {step["action"] for step in json.loads(done.stdout)["steps"]} == {"unchanged"}

    named = place.profile({**PROFILE, "database": {"name": "Mini warehouse"}}, "named.yaml")
    done = run("install", "--profile", named, *there)
    assert done.exit_code == 2
    assert done.stderr.startswith("Error: named.yaml: `database.name: Mini warehouse`: by REST")
    assert "add `database.uri`" in done.stderr


@by_turns(2, 1)
def test_doctor_kpis_and_bundle_work_without_superset(place: Place) -> None:
    place.profile(PROFILE)
    report = json.loads(place.ok("crmkpi", "doctor", "--format", "json"))
    entities = {entity["entity"]: entity["availability"] for entity in report["entities"]}
    assert (entities["opportunity"], entities["ticket"]) == ("native", "absent")
    kpis = {kpi["kpi"]: kpi for kpi in report["kpis"]}
    assert kpis["win_rate"]["available"]
    assert "connect a billing system" in kpis["mrr"]["reason"]

    catalogue = json.loads(place.ok("crmkpi", "kpis", "--format", "json"))
    assert {kpi["id"] for kpi in catalogue} == set(kpis)
    assert all(kpi["owners"] and kpi["action"] for kpi in catalogue)

    place.ok("crmkpi", "bundle", "-o", "mini.zip")
    with zipfile.ZipFile(place.home.path / "mini.zip") as archive:
        names = archive.namelist()
        assert yaml.safe_load(archive.read("crmkpi/metadata.yaml"))["type"] == "Dashboard"
    assert "crmkpi/dashboards/executive_crm_review.yaml" in names


def changed(**values: Any) -> dict[str, Any]:
    return {**PROFILE, **values}


SECRET = {"name": "Mini warehouse", "uri": "postgresql://reader:hunter2@127.0.0.1/crm"}
NOWHERE = {"name": "Mini warehouse", "uri": "duckdb:////nowhere/x.duckdb?access_mode=read_only"}
WRONG = {
    "unknown key": (
        changed(calender={}),
        ["crmkpi.yaml line", "`calender`", "unknown key", "known: ", "calendar"],
    ),
    "unknown connector": (
        changed(sources={"crm": {"connector": "hubspott", "schema": "crm"}}),
        ["crmkpi.yaml line", "`sources.crm.connector`", "hubspott", "sql"],
    ),
    "bad time zone": (
        changed(calendar={"time_zone": "Berlin"}),
        ["crmkpi.yaml line", "`calendar.time_zone`", "use an IANA name as Europe/Berlin"],
    ),
    "secret in clear text": (
        changed(database=SECRET),
        ["crmkpi.yaml line", "`database.uri`", "write ${VARIABLE}"],
    ),
    "unreachable database": (
        changed(database=NOWHERE),
        ["crmkpi.yaml", "database.uri", "cannot be reached", "is the server up"],
    ),
    "missing schema": (
        changed(sources={"crm": {**PROFILE["sources"]["crm"], "schema": "crn"}}),
        ["crmkpi.yaml", "`sources.crm.schema: crn`", "no such schema; there are: ", "crm"],
    ),
    "variable not set": (
        changed(database={"name": "Mini warehouse", "uri": "${NOT_SET}"}),
        ["crmkpi.yaml", "database.uri", "NOT_SET is not set; export it"],
    ),
    "no such connection": (
        changed(database={"name": "Elsewhere"}),
        ["crmkpi.yaml", "`database.name: Elsewhere`", "Superset has no such connection; add"],
    ),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_profile_is_one_line_and_changes_nothing(
    superset_app: Any, metadata: Path, place: Place, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each fault by `install`, in the process of the tests for the time it saves."""
    from click.testing import CliRunner

    from superset_crmkpi.cli import main

    content, expected = WRONG[fault]
    name = place.profile(content)
    monkeypatch.chdir(place.home.path)
    monkeypatch.setenv("MINI_FILE", str(place.warehouse))
    here = Place(Home(metadata.parent), place.warehouse)
    before, stored = here.rows(), place.warehouse.read_bytes()
    with superset_app.app_context():
        done = CliRunner().invoke(main, ["install", "--profile", name])
    assert done.exit_code != 0
    lines = [line for line in done.output.splitlines() if line.strip()]
    assert len(lines) == 1, done.output
    assert lines[0].startswith("Error: ")
    for words in expected:
        assert words in lines[0]
    assert "hunter2" not in done.output
    assert here.rows() == before
    assert place.warehouse.read_bytes() == stored


@by_turns(2, 1)
def test_an_uninstall_asks_first_and_knows_when_there_is_nothing(
    superset_app: Any, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.profile(PROFILE)
    monkeypatch.chdir(place.home.path)
    monkeypatch.setenv("MINI_FILE", str(place.warehouse))
    with superset_app.app_context():
        done = run("uninstall", "--yes")
        assert done.exit_code == 2
        assert done.stderr.endswith('nothing was installed here by a profile named "Mini"\n')
        assert run("install", "--no-ask").exit_code == 0
        done = run("uninstall")
        assert done.exit_code == 2
        assert "remove" in done.stdout
        assert "nobody to ask here: repeat with --yes" in done.stderr
        assert run("plan").exit_code == 0


def test_a_wrong_profile_ends_the_command_line_with_one_line(place: Place) -> None:
    name = place.profile(changed(calender={}), "wrong.yaml")
    before = place.rows()
    for command in (["crmkpi", "doctor"], ["superset", "crmkpi", "install"]):
        done = place.run(*command, "--profile", name)
        assert done.returncode != 0
        assert "Traceback" not in done.stderr
        assert done.stderr.strip().splitlines()[-1].startswith("Error: wrong.yaml line ")
        assert "Installed" not in done.stdout
    assert place.rows() == before

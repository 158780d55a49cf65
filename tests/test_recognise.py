"""A schema that one of our connectors reads is recognised: vendor, loader, and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml
from click.testing import CliRunner

from superset_crmkpi.cli import main
from superset_crmkpi.connectors.recognise import Guess, recognise
from superset_crmkpi.connectors.registry import connectors
from superset_crmkpi.project.first_profile import Findings, profile_text
from superset_crmkpi.project.load import load_profile
from superset_crmkpi.project.project import Project
from superset_crmkpi.testing import bench_of
from superset_crmkpi.warehouse.connect import Snapshot, snapshot
from superset_crmkpi.warehouse.load import load_files
from tests.seeds import by_turns

PLUGINS = Path(__file__).parents[1] / "plugins"
LANDINGS = sorted(
    (connector.name, landing)
    for connector in connectors().values()
    if connector.folder is not None and connector.schema
    for landing in connector.landings
)


@by_turns(3)
@pytest.mark.parametrize(("name", "landing"), LANDINGS)
def test_each_landing_of_each_connector_is_recognised(name: str, landing: str) -> None:
    bench = bench_of(connectors()[name], PLUGINS / f"crmkpi-{name}" / "fixtures", landing)
    found = recognise(snapshot(bench.engine, ["raw"]), connectors().values())
    assert [(guess.connector, guess.landing) for guess in found] == [(name, landing)]
    assert " tables (" in found[0].evidence


def test_tables_of_no_vendor_are_not_taken_for_one() -> None:
    tables = {("shop", "orders"): {"id": "integer", "total": "number"}, ("shop", "user"): {}}
    assert recognise(Snapshot(tables), connectors().values()) == []  # type: ignore[arg-type]


@pytest.fixture
def warehouse(tmp_path: Path) -> str:
    """The URI of a DuckDB file with two vendors' tables, and some of nobody's."""
    uri = f"duckdb:///{tmp_path / 'warehouse.duckdb'}"
    engine = sa.create_engine(uri, future=True)
    load_files(engine, "deals", [PLUGINS / "crmkpi-pipedrive" / "fixtures" / "dlt"])
    load_files(engine, "help", [PLUGINS / "crmkpi-zendesk" / "fixtures" / "fivetran"])
    with engine.begin() as connection:
        connection.exec_driver_sql("create table main.notes (id int, text varchar)")
    engine.dispose()
    return uri


def test_init_writes_a_profile_that_works(warehouse: str, tmp_path: Path) -> None:
    path = tmp_path / "crmkpi.yaml"
    done = CliRunner().invoke(main, ["init", "--uri", warehouse, "-o", str(path)])
    assert done.exit_code == 0, done.output
    assert "deals: pipedrive by dlt: " in done.output
    assert "marked by _fivetran_synced" in done.output
    profile = load_profile(path)
    found = {name: (s.connector, s.landing, s.schema_) for name, s in profile.sources.items()}
    assert found == {
        "pipedrive": ("pipedrive", "dlt", "deals"),
        "zendesk": ("zendesk", "fivetran", "help"),
    }
    assert profile.accounts is not None
    assert profile.accounts.sources == ["pipedrive", "zendesk"]
    text = path.read_text()
    assert "    # record_base: https://acme.pipedrive.com #" in text
    path.write_text(text.replace("# record_base:", "record_base:"))
    given = {name: source.record_base for name, source in load_profile(path).sources.items()}
    assert given["zendesk"] == {"base": "https://acme.zendesk.com"}
    path.write_text(text)
    coverage = Project(profile).coverage.entities
    assert coverage["opportunity"].sources == ("pipedrive",)
    assert coverage["ticket"].sources == ("zendesk",)

    again = CliRunner().invoke(main, ["init", "--uri", warehouse, "-o", str(path)])
    assert again.exit_code == 2
    assert "is there already" in again.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--schema", "main"], "no schema looks like one of the installed connectors"),
        (["--schema", "nowhere"], "no schema `nowhere`; there are: deals, help"),
    ],
)
def test_init_says_in_one_line_why_it_cannot(
    warehouse: str, tmp_path: Path, arguments: list[str], told: str
) -> None:
    path = tmp_path / "crmkpi.yaml"
    done = CliRunner().invoke(main, ["init", "--uri", warehouse, "-o", str(path), *arguments])
    assert done.exit_code == 2
    assert told in done.output
    assert not path.exists()


def test_a_password_stays_a_variable(tmp_path: Path) -> None:
    guess = Guess("crm", "zoho", "files", ("deals",), 3, 4, "", 1.0)
    path = tmp_path / "crmkpi.yaml"
    found = Findings([guess], [])
    path.write_text(profile_text("postgresql://reader:${CRM_PASSWORD}@warehouse/crm", found))
    assert load_profile(path).database.uri == "postgresql://reader:${CRM_PASSWORD}@warehouse/crm"
    assert "personal_data: false # true shows who customers are" in path.read_text()


def test_a_password_in_clear_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "crmkpi.yaml"
    uri = "postgresql://reader:hunter2@127.0.0.1/crm"
    done = CliRunner().invoke(main, ["init", "--uri", uri, "-o", str(path)])
    assert done.exit_code == 2
    assert "write ${VARIABLE}" in done.output
    assert "hunter2" not in done.output
    assert not path.exists()


def doctor(tmp_path: Path, warehouse: str, **sources: dict[str, str]) -> dict[str, dict[str, str]]:
    path = tmp_path / "crmkpi.yaml"
    database = {"name": "x", "uri": f"{warehouse}?access_mode=read_only"}
    path.write_text(yaml.safe_dump({"database": database, "sources": sources}))
    done = CliRunner().invoke(
        main, ["doctor", "--quick", "--profile", str(path), "--format", "json"]
    )
    told = done.stdout[done.stdout.index("{") :]  # a slow machine sees a line of progress before
    return {row["source"]: row for row in json.loads(told)["sources"]}


def test_the_doctor_names_vendor_and_loader_with_the_evidence(
    warehouse: str, tmp_path: Path
) -> None:
    told = doctor(
        tmp_path,
        warehouse,
        sales={"connector": "pipedrive", "landing": "dlt", "schema": "deals"},
        support={"connector": "zendesk", "landing": "fivetran", "schema": "help"},
    )
    assert "deals" in told["sales"]["evidence"]
    assert "marked by _dlt_load_id" in told["sales"]["evidence"]
    assert "marked by _fivetran_synced" in told["support"]["evidence"]
    assert [row["looks_like"] for row in told.values()] == ["", ""]


def test_the_doctor_says_when_a_schema_looks_like_somebody_else(
    warehouse: str, tmp_path: Path
) -> None:
    mistaken = {"connector": "salesforce", "landing": "fivetran", "schema": "help"}
    told = doctor(tmp_path, warehouse, sales=mistaken)["sales"]
    assert told["evidence"] == ""
    assert told["looks_like"].startswith("zendesk by fivetran: ")

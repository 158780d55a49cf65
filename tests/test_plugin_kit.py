"""`crmkpi plugin`: a new connector keeps its contract at once, and a broken one is told so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from superset_crmkpi import __version__
from superset_crmkpi.cli import main
from superset_crmkpi.kit.create import bounds
from superset_crmkpi.plugins import manager as plugins

ROOT = Path(__file__).parents[1]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["plugin", *arguments])


@pytest.fixture
def acorn(tmp_path: Path) -> Path:
    """A new connector, forgotten by the manager at the end."""
    done = run("new", "acorn", "--label", "Acorn CRM", "--into", str(tmp_path))
    assert done.exit_code == 0, done.output
    return tmp_path / "crmkpi-acorn"


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """What a test loaded is not known to those after it."""
    yield
    plugins.plugin_manager.cache_clear()


def test_a_new_connector_keeps_every_promise(acorn: Path) -> None:
    done = run("check", str(acorn), "--format", "json")
    results = json.loads(done.output[done.output.index("[\n") :])
    broken = [(r["promise"], r["message"]) for r in results if r["outcome"] == "broken"]
    assert not broken
    assert done.exit_code == 0
    assert {r["landing"] for r in results} == {"files"}


def test_a_new_connector_can_be_published(acorn: Path) -> None:
    project = (acorn / "pyproject.toml").read_text()
    lowest, below = bounds(__version__)
    assert f'dependencies = ["superset-crmkpi>={lowest},<{below}"]' in project
    assert (acorn / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()
    workflow = yaml.safe_load((acorn / ".github" / "workflows" / "test.yaml").read_text())
    job = workflow["jobs"]["contract"]
    assert job["steps"][1]["with"] == {"python-version": "${{ matrix.python }}"}
    assert job["steps"][-1] == {"run": "pytest"}


@pytest.mark.parametrize(
    ("version", "expected"),
    [("0.1.0", ("0.1", "0.2")), ("0.9.12", ("0.9", "0.10")), ("1.4.0", ("1.4", "2"))],
)
def test_a_new_connector_takes_the_versions_that_keep_its_doors(
    version: str, expected: tuple[str, str]
) -> None:
    assert bounds(version) == expected


def test_a_broken_connector_is_told_what_where_and_ends_with_1(acorn: Path) -> None:
    mapping = acorn / "crmkpi_acorn" / "mapping" / "account.sql"
    mapping.write_text(mapping.read_text().replace("coalesce(deleted, false)", "false"))
    done = run("check", str(acorn))
    assert done.exit_code == 1
    assert "account: there, but not expected: C3" in done.output


def test_what_exists_is_not_overwritten(acorn: Path) -> None:
    before = {path: path.read_bytes() for path in acorn.rglob("*") if path.is_file()}
    done = run("new", "acorn", "--into", str(acorn.parent))
    assert done.exit_code == 2
    assert "is there already" in done.output
    assert {path: path.read_bytes() for path in acorn.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["Acorn", "a corn", "../acorn", "1acorn", ""])
def test_a_name_that_cannot_be_a_package_is_refused(name: str, tmp_path: Path) -> None:
    done = run("new", name, "--into", str(tmp_path))
    assert done.exit_code == 2
    assert "lower case, such as `acorn`" in done.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("crmkpi_acorn/schema.yaml", "company: {no: text}", "write its name in quotes"),
        ("crmkpi_acorn/schema.yaml", "company: {id: string}", "`string` is not one of text"),
        (
            "crmkpi_acorn/landings/files.yaml",
            "lable: x",
            "`lable`: unknown key; did you mean `label`?",
        ),
        (
            "crmkpi_acorn/landings/files.yaml",
            "label: x\ntables: {firm: [f]}",
            "`firm` is not a table",
        ),
        (
            "crmkpi_acorn/landings/files.yaml",
            "label: x\ncolumns: {company: {nam: [Name]}}",
            "`company.nam` is not a column",
        ),
        ("crmkpi_acorn/values.yaml", "account.account_type: {on: customer}", "write it in quotes"),
        ("crmkpi_acorn/values.yaml", "account.name: {a: b}", "no entity.column with a list"),
        ("crmkpi_acorn/values.yaml", "account.account_type: {a: b}", "'a' cannot become 'b'"),
        ("crmkpi_acorn/mapping/account.sql", "select nope as id from company", "nope"),
        ("crmkpi_acorn/mapping/acount.sql", "select id from company", "no such canonical entity"),
        ("pyproject.toml", "[project]\nname = 'x'", "announces no plugin"),
        ("crmkpi_acorn/__init__.py", "import nowhere", "cannot be imported: No module named"),
    ],
)
def test_a_malformed_file_is_one_line(acorn: Path, file: str, text: str, told: str) -> None:
    (acorn / file).write_text(text)
    done = run("check", str(acorn))
    assert done.exit_code in (1, 2)
    assert isinstance(done.exception, SystemExit), done.exception
    assert told in done.output.replace("\n", " "), done.output


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        (
            "landings/files.yaml",
            "[companies]",
            "[firms]",
            "table `company` is in no landing's fixtures (companies)",
        ),
        (
            "landings/files.yaml",
            "[Web Page]",
            "[Page]",
            "column `company.website` is in no landing's fixtures (Created At, Deleted, Id,",
        ),
    ],
)
def test_what_the_landing_does_not_find_is_named(
    acorn: Path, file: str, old: str, new: str, told: str
) -> None:
    path = acorn / "crmkpi_acorn" / file
    path.write_text(path.read_text().replace(old, new))
    done = run("check", str(acorn))
    assert done.exit_code == 1
    assert told in done.output


def test_a_readme_that_tells_another_coverage_is_noticed(acorn: Path) -> None:
    readme = acorn / "README.md"
    readme.write_text(readme.read_text().replace("native", "derived"))
    assert "tells another coverage" in run("check", str(acorn)).output.replace("\n", " ")
    assert run("coverage", str(acorn), "--write").exit_code == 0
    assert run("check", str(acorn)).exit_code == 0


def test_a_readme_without_a_place_for_the_table_is_a_broken_promise(acorn: Path) -> None:
    (acorn / "README.md").write_text("# Acorn\n")
    done = run("check", str(acorn))
    assert done.exit_code == 1
    assert "add the lines `<!-- coverage -->`" in done.output

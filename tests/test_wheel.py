"""Wheel and source distribution carry sql/ and dashboards/, and work without the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.needs import need_hatchling

ROOT = Path(__file__).parents[1]


def built(project: Path, into: Path) -> Path:
    """The folder with wheel and source distribution of a project, as its backend makes them."""
    need_hatchling()
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(into)]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return into


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(ROOT, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    return next(dist.glob("superset_crmkpi-*.whl"))


def test_the_wheel_carries_every_sql_file_and_dashboard(wheel: Path) -> None:
    carried = names(wheel)
    for folder, pattern in (("sql", "*.sql"), ("sql", "*.yaml"), ("dashboards", "*.yaml")):
        wanted = {
            f"superset_crmkpi/_data/{path.relative_to(ROOT)}"
            for path in (ROOT / folder).rglob(pattern)
            if ROOT / "dashboards" / "export" not in path.parents
        }
        assert wanted
        assert wanted <= carried
    template = ROOT / "superset_crmkpi" / "kit" / "template"
    assert {str(path.relative_to(ROOT)) for path in template.rglob("*.tmpl")} <= carried
    assert "superset_crmkpi/py.typed" in carried


def test_the_wheel_leaves_to_the_repository_what_no_command_reads(wheel: Path) -> None:
    folders = {name.rsplit("/", 1)[0] for name in names(wheel)}
    assert not {folder for folder in folders if "dashboards/export" in folder}
    assert not {folder for folder in folders if folder.startswith(("tests", "plugins", "docs"))}


def test_the_source_distribution_has_its_own_readme_and_no_plugins(dist: Path) -> None:
    with tarfile.open(next(dist.glob("superset_crmkpi-*.tar.gz"))) as archive:
        carried = [name.split("/", 1)[1] for name in archive.getnames()]
    assert [name for name in carried if name.endswith("README.md")] == ["README.md"]
    assert {"LICENSE", "CHANGELOG.md", "dashboards/executive.yaml"} <= set(carried)
    assert [name for name in carried if name.startswith("dashboards/export/executive/")]
    assert not [name for name in carried if name.startswith(("plugins/", "tests/"))]


def test_a_wheel_from_the_source_distribution_is_the_same(
    dist: Path, wheel: Path, tmp_path: Path
) -> None:
    with tarfile.open(next(dist.glob("superset_crmkpi-*.tar.gz"))) as archive:
        archive.extractall(tmp_path)
    again = built(next(tmp_path.glob("superset_crmkpi-*")), tmp_path / "again")
    assert names(next(again.glob("*.whl"))) == names(wheel)


def run(site: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`crmkpi` of the package in `site`."""
    code = (
        "import superset_crmkpi, superset_crmkpi.cli as c;"
        f"assert superset_crmkpi.__file__.startswith({str(site)!r}), superset_crmkpi.__file__;"
        f"c.main({list(arguments)!r})"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_commands_work_from_the_wheel_alone(site: Path, tmp_path: Path) -> None:
    done = run(site, tmp_path, "kpis", "--format", "json")
    assert done.returncode == 0, done.stderr
    listed = {entry["id"] for entry in json.loads(done.stdout)}
    assert listed == {path.stem for path in (ROOT / "sql" / "kpis").rglob("*.sql")}


def test_an_installed_package_says_where_the_exports_lie(site: Path, tmp_path: Path) -> None:
    for arguments in (["export"], ["export", "--check"], ["export", "--zip"]):
        done = run(site, tmp_path, *arguments)
        assert done.returncode == 2, done.stdout + done.stderr
        told = " ".join(done.stderr.split())
        assert "dashboards/export is in the repository, not in what pip installs; " in told
        assert "name a folder with --output" in told


def test_an_editable_checkout_reads_its_own_folders() -> None:
    from superset_crmkpi.base import paths

    assert paths.SQL == ROOT / "sql"
    assert paths.DASHBOARDS == ROOT / "dashboards"

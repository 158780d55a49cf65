"""The wheel carries sql/ and dashboards/ and works without the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`pip wheel .`, as a user's pip makes it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "-w",
        str(folder),
        str(ROOT),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("superset_crmkpi-*.whl"))


def test_the_wheel_carries_every_sql_file_and_dashboard(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for folder, pattern in (("sql", "*.sql"), ("dashboards", "*.yaml")):
        wanted = {
            f"superset_crmkpi/_data/{path.relative_to(ROOT)}"
            for path in (ROOT / folder).rglob(pattern)
        }
        assert wanted
        assert wanted <= names
    template = ROOT / "superset_crmkpi" / "kit" / "template"
    assert {str(path.relative_to(ROOT)) for path in template.rglob("*.tmpl")} <= names


def test_commands_work_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    code = (
        "import superset_crmkpi, superset_crmkpi.cli as c;"
        f"assert superset_crmkpi.__file__.startswith({str(site)!r}), superset_crmkpi.__file__;"
        "c.main(['kpis', '--format', 'json'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    listed = {entry["id"] for entry in json.loads(done.stdout)}
    assert listed == {path.stem for path in (ROOT / "sql" / "kpis").rglob("*.sql")}


def test_an_editable_checkout_reads_its_own_folders() -> None:
    from superset_crmkpi.base import paths

    assert paths.SQL == ROOT / "sql"
    assert paths.DASHBOARDS == ROOT / "dashboards"

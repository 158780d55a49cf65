"""The wheels of `make dist` in an environment of their own, away from the checkout.

Superset and what it pins are linked into that environment from the one of the tests, as installing
them takes minutes; nothing of ours is. pip itself says whether our wheels fit the constraints.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

from superset_crmkpi.cli.plan import SOMETHING_TO_DO
from superset_crmkpi.superset import bootstrap
from tests.needs import need_hatchling, need_superset
from tests.seeds import by_turns

#: one environment for all of them
pytestmark = [pytest.mark.superset, by_turns(2, 1)]
ROOT = Path(__file__).parents[2]
OURS = {path.parent.name for path in ROOT.glob("plugins/*/pyproject.toml")} | {"superset-crmkpi"}
#: as the console script of Superset does
SUPERSET = "import sys; from superset.cli.main import superset; sys.exit(superset())"


@dataclass(frozen=True)
class Fresh:
    """A virtual environment, and a folder that is not the checkout."""

    folder: Path
    cwd: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def site(self) -> Path:
        return next(self.folder.glob("lib/python*/site-packages"))

    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "CRMKPI"))}
        return {**kept, "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"}

    def run(self, *command: str, code: int = 0, **more: str) -> str:
        done = subprocess.run(
            command,
            cwd=self.cwd,
            env={**self.environment(), **more},
            capture_output=True,
            text=True,
        )
        assert done.returncode == code, done.stderr[-3000:] + done.stdout[-1000:]
        return done.stdout

    def pip(self, *arguments: str) -> str:
        """The pip of the tests, at work on this environment, without an index."""
        pip = (sys.executable, "-m", "pip", "--python", str(self.python), "--quiet")
        return self.run(*pip, *arguments, PIP_NO_INDEX="1")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What `make dist` builds."""
    need_hatchling()
    folder = tmp_path_factory.mktemp("dist")
    tool = folder / "hatchling"
    tool.write_text(f"#!{sys.executable}\nfrom hatchling.cli import hatchling\nhatchling()\n")
    tool.chmod(0o755)
    into = folder / "dist"
    done = subprocess.run(
        ["make", "dist", f"DIST={into}", f"HATCHLING={tool}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert len(list(into.glob("*.tar.gz"))) == len(OURS)
    return [str(path) for path in sorted(into.glob("*.whl"))]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Fresh:
    """An environment with Superset and the other packages of the tests, and nothing of ours."""
    need_superset()
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder / "venv", symlinks=True)
    (folder / "elsewhere").mkdir()
    fresh = Fresh(folder / "venv", folder / "elsewhere")
    for place in filter(lambda path: path.endswith("site-packages"), sys.path):
        for path in Path(place).iterdir():
            target = fresh.site / path.name
            if "crmkpi" not in path.name and path.suffix != ".pth" and not target.exists():
                target.symlink_to(path)
    return fresh


@pytest.fixture(scope="module")
def planned(empty: Fresh, wheels: list[str]) -> Mapping[str, Any]:
    """What pip would install by the constraints of this Superset, were it asked for all wheels."""
    constraints = ROOT / "constraints" / f"{version('apache-superset')}.txt"
    told = empty.pip("install", "--dry-run", "--report", "-", "-c", str(constraints), *wheels)
    report: Mapping[str, Any] = json.loads(told)
    return report


@pytest.fixture(scope="module")
def fresh(empty: Fresh, planned: Mapping[str, Any], wheels: list[str]) -> Fresh:
    """The environment with all our wheels."""
    assert planned
    empty.pip("install", "--no-deps", "--no-compile", *wheels)
    return empty


def test_installing_changes_no_package_of_superset(planned: Mapping[str, Any]) -> None:
    installed = {entry["metadata"]["name"] for entry in planned["install"]}
    assert installed == OURS


def test_the_code_comes_from_the_wheels(fresh: Fresh) -> None:
    modules = sorted(name.replace("-", "_") for name in OURS)
    code = f"import {', '.join(modules)}\nfor m in ({', '.join(modules)}): print(m.__file__)"
    for file in fresh.run(str(fresh.python), "-c", code).splitlines():
        assert fresh.site in Path(file).parents
        assert not Path(file).parent.is_symlink()


def test_help_lists_every_command_of_every_wheel(fresh: Fresh) -> None:
    from superset_crmkpi.cli import COMMANDS, ELSEWHERE

    told = fresh.run("crmkpi", "--help")
    assert set(re.findall(r"^  ([a-z]+)  ", told, re.M)) == {*COMMANDS, *ELSEWHERE}
    assert "cannot be loaded" not in told.lower()


PROFILE = {
    "database": {"name": "Elsewhere", "uri": "duckdb:///warehouse.duckdb"},
    "sources": {"billing": {"connector": "stripe", "landing": "fivetran", "schema": "stripe"}},
}


@pytest.fixture(scope="module")
def profile(fresh: Fresh) -> str:
    """A profile over raw tables that `crmkpi load` of that environment brought in."""
    tables = ROOT / "plugins" / "crmkpi-stripe" / "fixtures" / "fivetran"
    uri = PROFILE["database"]["uri"]
    fresh.run("crmkpi", "load", "--into", uri, "--schema", "stripe", str(tables))
    (fresh.cwd / "crmkpi.yaml").write_text(yaml.safe_dump(PROFILE), encoding="utf-8")
    return "crmkpi.yaml"


def test_doctor_says_what_can_be_computed(fresh: Fresh, profile: str) -> None:
    report = json.loads(fresh.run("crmkpi", "doctor", "--profile", profile, "--format", "json"))
    available = {kpi["kpi"] for kpi in report["kpis"] if kpi["available"]}
    assert {"mrr", "nrr"} <= available
    assert "win_rate" not in available


@pytest.fixture
def migrated(fresh: Fresh, _superset: tuple[Any, Path, Path]) -> dict[str, str]:
    """What tells Superset where its empty metadata database lies, and its configuration."""
    bootstrap.use_template(_superset[2], fresh.cwd / "superset.db")
    (fresh.cwd / "secret_key").write_text("x" * 42)
    config = fresh.site / "crmkpi_demo" / "superset_config.py"
    return {"CRMKPI_DEMO_HOME": str(fresh.cwd), "SUPERSET_CONFIG_PATH": str(config)}


def test_superset_crmkpi_plan_tells_what_it_would_create(
    fresh: Fresh, profile: str, migrated: dict[str, str]
) -> None:
    plan = ("crmkpi", "plan", "--profile", profile, "--format", "json")
    told = fresh.run(str(fresh.python), "-c", SUPERSET, *plan, code=SOMETHING_TO_DO, **migrated)
    planned = json.loads(
        told[told.index("{\n") :]
    )  # Superset says first which configuration it has
    assert {step["action"] for step in planned["steps"]} == {"create"}
    assert {"dashboard", "role"} <= {step["kind"] for step in planned["steps"]}

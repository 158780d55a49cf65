"""Every distribution of the repository may be published: licence, bounds, texts, types, version."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import yaml

from superset_crmkpi import __version__
from superset_crmkpi.kit.create import bounds

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
PLUGINS = sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))
LICENSE = (ROOT / "LICENSE").read_text(encoding="utf-8")


def project(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    return read["project"]


def bounded(requirement: str) -> tuple[str, str] | None:
    """(name, bounds) of a requirement of one of our distributions."""
    found = re.fullmatch(r"((?:superset-)?crmkpi(?:-\w+)?)(?:\[\w+\])?(.*)", requirement)
    return (found[1], found[2]) if found else None


every_plugin = pytest.mark.parametrize("plugin", PLUGINS, ids=lambda path: path.name)


@every_plugin
def test_a_plugin_has_the_licence_and_says_so(plugin: Path) -> None:
    assert (plugin / "LICENSE").read_text(encoding="utf-8") == LICENSE
    assert project(plugin)["license"] == {"text": "Apache-2.0"}
    assert "License :: OSI Approved :: Apache Software License" in project(plugin)["classifiers"]


@every_plugin
def test_a_plugin_takes_the_versions_that_keep_its_doors(plugin: Path) -> None:
    ours = dict(filter(None, map(bounded, project(plugin)["dependencies"])))
    lowest, below = bounds(__version__)
    assert "superset-crmkpi" in ours
    assert set(ours.values()) == {f">={lowest},<{below}"}


@every_plugin
def test_a_plugin_is_released_with_the_package(plugin: Path) -> None:
    assert project(plugin)["version"] == __version__
    assert project(plugin)["requires-python"] == project(ROOT)["requires-python"]


@every_plugin
def test_a_plugin_is_typed(plugin: Path) -> None:
    assert (plugin / plugin.name.replace("-", "_") / "py.typed").is_file()
    assert "Typing :: Typed" in project(plugin)["classifiers"]


@every_plugin
def test_a_plugins_page_reads_the_same_on_an_index(plugin: Path) -> None:
    page = (plugin / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)\s]+)", page)
    assert not [link for link in links if "://" not in link and not link.startswith("#")]


def test_the_demo_brings_the_connectors_that_its_profile_names() -> None:
    folder = ROOT / "plugins" / "crmkpi-demo"
    profile = yaml.safe_load((folder / "crmkpi_demo" / "crmkpi.yaml").read_text(encoding="utf-8"))
    used = {f"crmkpi-{source['connector']}" for source in profile["sources"].values()}
    brought = dict(filter(None, map(bounded, project(folder)["dependencies"])))
    assert used == set(brought) - {"superset-crmkpi"}


def test_the_demos_page_names_every_command_that_it_brings() -> None:
    folder = ROOT / "plugins" / "crmkpi-demo"
    announced = project(folder)["entry-points"]["superset_crmkpi.commands"]
    page = (folder / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `crmkpi (\w+)`", page, re.M)) == set(announced)


def test_the_demos_page_says_how_much_there_is() -> None:
    from crmkpi_demo.company.world import WINDOW_MONTHS

    folder = ROOT / "plugins" / "crmkpi-demo"
    profile = yaml.safe_load((folder / "crmkpi_demo" / "crmkpi.yaml").read_text(encoding="utf-8"))
    words = {6: "six", 7: "seven", 8: "eight"}
    told = f"{WINDOW_MONTHS} months in {words[len(profile['sources'])]} systems"
    assert told in (folder / "README.md").read_text(encoding="utf-8")


def test_what_a_text_tells_to_install_can_be_asked_for() -> None:
    names = {project(folder)["name"] for folder in [ROOT, *PLUGINS]} | {"crmkpi-acorn"}  # made up
    extras = {"", *project(ROOT)["optional-dependencies"]}
    places = ("*.md", "docs/*.md", "superset_crmkpi/**/*.py", "plugins/**/*.md", "plugins/**/*.py")
    told = [
        (path.name, *found)
        for place in places
        for path in ROOT.glob(place)
        for line in re.findall(r"pip install ([^`\n]*)", path.read_text(encoding="utf-8"))
        for found in re.findall(r"\b(superset-crmkpi|crmkpi-\w+)(?:\[(\w+)\])?", line)
    ]
    assert len(told) > len(PLUGINS) / 2
    assert not [(page, name) for page, name, _ in told if name not in names]
    assert not [(page, extra) for page, _, extra in told if extra not in extras]


def test_dist_needs_an_environment_with_nothing_but_the_build_backend(tmp_path: Path) -> None:
    done = subprocess.run(
        ["make", "-n", "dist", f"VENV={tmp_path}", f"DIST={tmp_path / 'dist'}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert f"{tmp_path}/builder/bin/python -m pip install" in done.stdout
    assert "superset==" not in done.stdout


def test_commands_of_other_distributions_are_told_by_those_that_bring_them() -> None:
    from superset_crmkpi.cli import ELSEWHERE, GROUP

    brought = {
        name: project(folder)["name"]
        for folder in PLUGINS
        for name in project(folder).get("entry-points", {}).get(GROUP, {})
    }
    assert brought == ELSEWHERE
    assert set(brought) <= {entry.name for entry in entry_points(group=GROUP)}


@pytest.mark.parametrize("name", ["demo", "bench"])
def test_a_command_that_is_not_installed_says_how_to_get_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner

    from superset_crmkpi import cli

    monkeypatch.setattr(cli, "entry_points", lambda group: [])  # as in an environment without it
    done = CliRunner().invoke(cli.main, [name])
    assert done.exit_code == 2
    assert f"`{name}` comes with another package; `pip install crmkpi-demo`" in done.output
    assert name not in re.findall(r"^  (\w+)", CliRunner().invoke(cli.main, ["-h"]).output, re.M)

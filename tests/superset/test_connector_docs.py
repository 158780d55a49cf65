"""docs/connectors.md is followed to the letter, from the first command to the dashboards."""

from __future__ import annotations

import os
import re
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from superset_crmkpi.connectors.registry import load_plugin
from superset_crmkpi.plugins import manager as plugins
from tests.pages import Done, follow, text_of
from tests.seeds import by_turns
from tests.superset.asking import Viewer
from tests.superset.conftest import ADMIN_PASSWORD

#: the page is followed once for all of them
pytestmark = [pytest.mark.superset, by_turns(3, 1)]
PAGE = text_of("connectors.md")
INSTALL = "superset crmkpi install"


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Done]]:
    """The folder after all files were written and all commands run but the last one."""
    folder = tmp_path_factory.mktemp("afternoon")
    environment = _environment(tmp_path_factory.mktemp("venv"))
    return folder, follow(PAGE, folder, environment, without=INSTALL)


def _environment(folder: Path) -> dict[str, str]:
    """Where `pip install` leaves this environment alone, and `crmkpi` finds what it brought."""
    venv.create(folder, with_pip=True)
    own = sysconfig.get_path("purelib", vars={"base": str(folder)})
    (Path(own) / "outer.pth").write_text(sysconfig.get_path("purelib"))
    commands = [str(folder / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
    return {
        **os.environ,
        "PATH": os.pathsep.join(commands),
        "PYTHONPATH": own,
        "CRMKPI_CACHE_DIR": str(folder / "kept"),  # as people have one
    }


def test_the_commands_do_what_the_page_says(followed: tuple[Path, list[Done]]) -> None:
    _, done = followed
    failed = [step for step in done if step.code]
    # the page says that this one finds a key that leads nowhere
    assert [step.command for step in failed] == ["crmkpi plugin check crmkpi-acorn"], failed
    assert "contact.account_id: no account: ['O9']" in failed[0].output
    checks = [step for step in done if step.command == "crmkpi plugin check crmkpi-acorn"]
    assert len(checks) == 3
    for check in (checks[0], checks[2]):
        kept = re.search(r"(\d+) of (\d+) promises kept", check.output)
        assert kept, check.output
        assert kept[1] == kept[2]


def test_the_connector_of_the_page_is_short(followed: tuple[Path, list[Done]]) -> None:
    folder, _ = followed
    package = folder / "crmkpi-acorn" / "crmkpi_acorn"
    written = [*package.rglob("*.sql"), *package.rglob("*.yaml")]
    lines = [line for path in written for line in path.read_text().splitlines() if line.strip()]
    assert len(lines) <= 90


@pytest.fixture
def page_profile(
    followed: tuple[Path, list[Done]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The profile of the page, with its connector known to this process."""
    folder, _ = followed
    monkeypatch.chdir(folder)
    load_plugin(folder / "crmkpi-acorn")
    yield "crmkpi.yaml"
    plugins.plugin_manager.cache_clear()


def test_the_dashboards_show_the_rows_of_the_page(superset_app: Any, page_profile: str) -> None:
    from superset_crmkpi.cli import main

    assert f"{INSTALL} --profile {page_profile}\n" in PAGE
    with superset_app.app_context():
        done = CliRunner().invoke(main, ["install", "--no-ask", "--profile", page_profile])
    assert done.exit_code == 0, done.output
    assert "Pipeline Operations: /superset/dashboard/" in done.output
    viewer = Viewer(superset_app, "admin", ADMIN_PASSWORD)
    assert viewer.kpi("win_rate") == 0.5
    assert viewer.kpi("average_deal_size") == pytest.approx(1500 * 0.9)
    assert viewer.kpi("calls_made") == 1

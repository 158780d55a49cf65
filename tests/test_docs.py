"""The documentation is true: its pages are fresh, its links lead somewhere, its examples work."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from superset_crmkpi.cli import COMMANDS
from superset_crmkpi.profile.schema import Profile
from superset_crmkpi.project.load import load_profile

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)


def test_generated_pages_are_what_the_sql_files_give() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_that_are_there(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link and not link.endswith(".png")]
    assert not [link for link in local if not (page.parent / link).exists()]


@pytest.mark.parametrize("page", ["README.md", "docs/profile.md"])
def test_the_profiles_shown_are_right_ones(page: str, tmp_path: Path) -> None:
    shown = [text for text in blocks(ROOT / page, "yaml") if "database:" in text]
    assert shown
    for text in shown:
        path = tmp_path / "crmkpi.yaml"
        path.write_text(text)
        load_profile(path)


def test_every_key_of_the_profile_is_documented() -> None:
    page = (ROOT / "docs" / "profile.md").read_text(encoding="utf-8")
    example = yaml.safe_load(blocks(ROOT / "docs" / "profile.md", "yaml")[0])
    for name, field in Profile.model_fields.items():
        assert (field.alias or name) in example, f"{name} is missing in the example"
    for key in ("time_zone", "currency", "tables", "links", "landing", "entities", "today"):
        assert re.search(rf"\| `[^|]*{key}", page), f"{key} is missing in the table"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_shown_exist(page: Path) -> None:
    for text in blocks(page, "sh"):
        for command in re.findall(r"^(?:superset )?crmkpi (\w+)", text, re.M):
            assert command in COMMANDS, f"{page.name}: crmkpi {command}"

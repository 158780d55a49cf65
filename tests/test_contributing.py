"""What contributors read is true: every file, function, room and command it names is there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from superset_crmkpi.catalogue.reader import load_catalog
from superset_crmkpi.cli import COMMANDS, ELSEWHERE
from tests.needs import need

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "superset_crmkpi"
NAMES = ("CONTRIBUTING.md", "docs/architecture.md", "docs/decisions.md", "docs/releasing.md")
ROOMS = {path.parent.name for path in PACKAGE.glob("*/__init__.py")} | {
    path.stem for path in PACKAGE.glob("[!_]*.py")
}
FRAGMENTS = sorted(set((ROOT / "changes").glob("*")) - {ROOT / "changes" / "README.md"})


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def quoted(page: str) -> set[str]:
    """What stands in backticks, blocks of code left out."""
    prose = re.sub(r"^```.*?^```", "", text_of(page), flags=re.M | re.S)
    return {" ".join(found.split()) for found in re.findall(r"`([^`]+)`", prose)}


def is_there(path: str) -> bool:
    """A file or folder of the repository, or of the package; `<x>` and `*` stand for any name."""
    pattern = re.sub(r"<\w+>", "*", path).rstrip("/")
    return any(ROOT.glob(pattern)) or any(PACKAGE.glob(pattern))


def resolved(dotted: str) -> Any:
    """The module, class or function of a dotted name. Raises when there is none."""
    parts = dotted.removeprefix("superset_crmkpi.").split(".")
    found: Any = import_module("superset_crmkpi")
    for part in parts:
        is_package = isinstance(found, ModuleType) and hasattr(found, "__path__")
        if is_package and find_spec(f"{found.__name__}.{part}"):
            found = import_module(f"{found.__name__}.{part}")
        else:
            found = getattr(found, part)
    return found


@pytest.mark.parametrize("page", NAMES)
def test_every_file_that_is_named_is_there(page: str) -> None:
    named = {
        name
        for name in quoted(page)
        if re.fullmatch(r"[\w.<>*/-]+", name) and ("/" in name or name.endswith((".md", ".toml")))
    }
    assert named
    assert not {name for name in named if not is_there(name)} - {".venv", "dist/"}


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/releasing.md"])
def test_every_function_that_is_named_is_there(page: str) -> None:
    named = {
        name
        for name in quoted(page)
        if re.fullmatch(r"[a-z_]+(\.\w+)+", name)
        and name.split(".")[0] in {*ROOMS, "superset_crmkpi"}
        and not name.endswith((".py", ".sql", ".yaml"))
    }
    assert named
    for name in sorted(named):
        assert resolved(name) is not None, name


@pytest.mark.parametrize("page", [*NAMES, "README.md", "changes/README.md"])
def test_every_target_and_command_that_is_named_is_there(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.M))
    text = text_of(page)
    made = re.findall(r"(?:`|^)make ([a-z-]+)", text, re.M)
    assert set(made) <= targets, f"{page}: make {sorted(set(made) - targets)}"
    commands = set(re.findall(r"`(?:superset )?crmkpi ([a-z]+)", text))
    assert commands <= {*COMMANDS, *ELSEWHERE}


def test_the_pages_tell_each_room_what_may_be_touched() -> None:
    table = text_of("docs/architecture.md").partition("## What to touch")[2]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.M)) == ROOMS


def test_the_drawing_has_the_floors_that_the_linter_holds() -> None:
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        generate = import_module("generate")
    finally:
        sys.path.remove(str(ROOT / "docs"))
    floors: list[list[str]] = generate.floors()
    assert {room for floor in floors for room in floor} == ROOMS
    drawing = text_of("docs/architecture.md").partition("<!-- rooms -->")[2]
    drawn = re.findall(r"^(?:[ \d]{2})  (\w+)", drawing, re.M)
    assert drawn == [room for floor in reversed(floors) for room in floor]


def entries() -> dict[str, str]:
    parts = re.split(r"^## (.+)$", text_of("docs/decisions.md"), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("entry", entries())
def test_a_decision_says_what_there_is_what_is_ours_why_and_where(entry: str) -> None:
    lines = re.findall(r"^- \*\*(\w+)\.\*\*", entries()[entry], re.M)
    assert lines == ["Conventions", "Ours", "Why", "Where"]
    where = entries()[entry].partition("- **Where.**")[2]
    files = re.findall(r"`(sql/[\w/]+\.sql)`", where)
    assert [file for file in files if file.startswith("sql/kpis/")]
    assert all((ROOT / file).is_file() for file in files)


@pytest.mark.parametrize("entry", entries())
def test_columns_and_settings_of_a_decision_stand_in_its_files(entry: str) -> None:
    where = entries()[entry].partition("- **Where.**")[2]
    sql = "".join(text_of(file) for file in re.findall(r"`(sql/[\w/]+\.sql)`", where))
    words = set(re.findall(r"`([a-z_]+)`", entries()[entry]))
    assert not {word for word in words if not re.search(rf"\b{word}\b", sql)}


def test_every_fact_of_a_decision_is_what_its_kpi_reads() -> None:
    catalog = load_catalog()
    for entry, text in entries().items():
        facts = set(re.findall(r"`sql/facts/(\w+)\.sql`", text))
        kpis = re.findall(r"`sql/kpis/\w+/(\w+)\.sql`", text)
        assert {catalog.kpis[kpi].fact for kpi in kpis} <= facts, entry


def test_pre_commit_runs_what_make_lint_runs_and_downloads_nothing() -> None:
    config = yaml.safe_load(text_of(".pre-commit-config.yaml"))
    assert {repo["repo"] for repo in config["repos"]} == {"local"}
    hooks = [hook for repo in config["repos"] for hook in repo["hooks"]]
    assert {hook["language"] for hook in hooks} == {"system"}
    entered = {tuple(shlex.split(hook["entry"])) for hook in hooks}
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", text_of("Makefile"), re.M)
    assert recipe
    for line in recipe[1].replace("\t@$(BIN)/", ".venv/bin/").splitlines():
        wanted = [word for word in shlex.split(line) if word != "."]
        assert any(list(entry[: len(wanted)]) == wanted for entry in entered), line


@pytest.mark.parametrize(
    "fragment", [path for path in FRAGMENTS if path.suffix != ".jinja"], ids=lambda path: path.name
)
def test_a_fragment_is_one_bullet_of_the_changelog(fragment: Path) -> None:
    assert fragment.suffix == ".md", f"name it {fragment.stem}.md"
    text = fragment.read_text(encoding="utf-8").strip()
    assert "\n\n" not in text, "one bullet a file; write a second file"
    assert not re.match(r"[-*#]", text), "without a dash or a heading"
    assert text.endswith((".", ")")), "a whole sentence"


def test_fragments_become_bullets_below_unreleased(tmp_path: Path) -> None:
    need("towncrier", find_spec("towncrier") is not None, "pip install towncrier")
    changes = tmp_path / "changes"
    changes.mkdir()
    for name in ("pyproject.toml", "changes/template.jinja", "CHANGELOG.md"):
        (tmp_path / name).write_text(text_of(name), encoding="utf-8")
    (changes / "README.md").write_text("# How\n")
    (changes / "one-thing.md").write_text(f"A thing: {'so long that it has to be wrapped ' * 4}.\n")
    (changes / "other.md").write_text("Corrected: `x`,\nin two lines.\n")
    done = subprocess.run(
        [sys.executable, "-m", "towncrier", "build", "--yes", "--version", "0"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    before, after = text_of("CHANGELOG.md"), (tmp_path / "CHANGELOG.md").read_text()
    head, tail = before.split("## Unreleased\n\n")
    made = after.removeprefix(f"{head}## Unreleased\n\n").removesuffix(tail)
    assert made.startswith("- A thing: so long that")
    assert made.endswith("- Corrected: `x`, in two lines.\n")
    assert all(line.startswith(("- ", "  ")) and len(line) <= 100 for line in made.splitlines())
    assert sorted(path.name for path in changes.iterdir()) == ["README.md", "template.jinja"]

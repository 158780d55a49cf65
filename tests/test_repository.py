"""The tree keeps its own rules: sizes, layers, and nothing of one machine in it."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from superset_crmkpi.base.sqlfile import read_sql_file

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "superset_crmkpi"
ROOMS = sorted(path.parent for path in PACKAGE.glob("*/__init__.py"))


def committed() -> list[Path]:
    """Text files under version control, and new ones that are not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    images = (".png", ".ico", ".zip", ".xlsx", ".parquet")
    return [ROOT / name for name in listed if not name.endswith(images) and (ROOT / name).is_file()]


def python_files() -> list[Path]:
    return [path for path in committed() if path.suffix == ".py"]


def imports(path: Path, top_level: bool = False) -> list[tuple[int, str]]:
    """(line, module) of what a file imports, for type checking only left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found = []
    for node in tree.body if top_level else ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [(node.lineno, name) for name in names]
    return found


def module_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def test_no_file_names_a_package_index_or_a_path_of_this_machine() -> None:
    hosts = ["pypi" + ".org", "pythonhosted" + ".org", "find" + "-links", "index" + "-url"]
    places = ["/" + "root/", "/" + "work/", "/" + "home/", "/" + "Users/"]
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in committed()
        for text in [path.read_text(encoding="utf-8", errors="ignore")]
        for word in [*hosts, *places]
        if word in text
    ]
    assert not found


def test_no_python_file_is_longer_than_350_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in python_files()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 350
    }
    assert not long


def test_no_sql_file_has_more_than_150_lines_of_sql() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in committed()
        if path.suffix == ".sql" and (lines := len(read_sql_file(path).sql.splitlines())) > 150
    }
    assert not long


def test_only_the_superset_package_imports_superset_and_only_inside_functions() -> None:
    foreign = ("superset", "flask", "flask_appbuilder")
    outside = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in python_files()
        if PACKAGE in path.parents and module_of(path) != "superset"
        for line, name in imports(path)
        if name.split(".")[0] in foreign
    ]
    assert not outside
    at_import = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in python_files()
        if PACKAGE / "superset" in path.parents
        for line, name in imports(path, top_level=True)
        if name.split(".")[0] in foreign
    ]
    assert not at_import


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_each_room_says_in_one_sentence_what_it_is_for(room: Path) -> None:
    said = ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8")))
    assert said
    assert said.split("\n\n")[0].endswith(".")


@pytest.mark.parametrize("target", ["demo", "test", "ask-tiles", "lint", "export", "docs"])
def test_each_target_of_the_makefile_makes_its_environment_itself(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(rf"^{target}: \$\((TEST_)?STAMP\)", makefile, re.M)
    assert re.search(r"^\$\(TEST_STAMP\): \$\(STAMP\)", makefile, re.M)


def test_constraints_are_exact_versions_and_nothing_else() -> None:
    line = re.compile(r'^[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+( ; python_version [<>=]+ "3\.\d+")?$')
    for path in (ROOT / "constraints").glob("*.txt"):
        for number, text in enumerate(path.read_text().splitlines(), start=1):
            assert not text or text.startswith("#") or line.match(text), f"{path.name}:{number}"

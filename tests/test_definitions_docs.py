"""docs/definitions.md is followed to the letter, from the first file to the bundle."""

from __future__ import annotations

import os
import re
import sys
import zipfile
from pathlib import Path

import duckdb
import pytest
import yaml

from tests.pages import Done, follow, text_of
from tests.seeds import by_turns

#: the page is followed once for all of them
pytestmark = by_turns(3, 0)
PAGE = text_of("definitions.md")


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Done]]:
    """The folder after all files were written and all commands run, in the order of the page."""
    folder = tmp_path_factory.mktemp("oak")
    paths = [str(Path(sys.executable).parent), os.environ["PATH"]]
    environment = {
        **os.environ,
        "PATH": os.pathsep.join(paths),
        "NO_COLOR": "1",
        "CRMKPI_CACHE_DIR": str(tmp_path_factory.mktemp("kept")),  # as people have one
    }
    return folder, follow(PAGE, folder, environment)


def output_of(done: list[Done], command: str) -> str:
    return next(step.output for step in done if step.command == command)


def test_every_command_of_the_page_ends_well(followed: tuple[Path, list[Done]]) -> None:
    _, done = followed
    assert len(done) == len([line for line in PAGE.splitlines() if line.startswith("$ ")])
    assert not [step for step in done if step.code]


def test_every_promise_is_kept_by_the_folder_and_by_the_plugin(
    followed: tuple[Path, list[Done]],
) -> None:
    _, done = followed
    checks = [step for step in done if "plugin check" in step.command]
    assert [step.command.split()[-1] for step in checks] == ["crm", "crm", "crmkpi-oak"]
    for check in checks:
        kept = re.search(r"(\d+) of (\d+) promises kept", check.output)
        assert kept, check.output
        assert kept[1] == kept[2] == "6"


def test_the_calculator_of_the_page_is_that_of_the_kpi(followed: tuple[Path, list[Done]]) -> None:
    _, done = followed
    told = output_of(done, "crmkpi calc gold_visit_share gold=3 visits=4")
    assert told == "Visits to gold partners: 75%\n"


def test_a_kpi_in_the_place_of_ours_says_whose_it_is(followed: tuple[Path, list[Done]]) -> None:
    _, done = followed
    page = output_of(done, "crmkpi kpis win_rate")
    assert page.startswith("Win rate by value (win_rate)\n")
    assert "This is the definition of folder crm. It stands in the place of the built-in" in page


def test_the_bundle_holds_the_dashboard_and_its_tiles_answer(
    followed: tuple[Path, list[Done]],
) -> None:
    """The numbers of the page's rows: 2 of 4 visits, 9000 of 12000."""
    folder, _ = followed
    with zipfile.ZipFile(folder / "oak.zip") as archive:
        files = {
            name.partition("/")[2]: yaml.safe_load(archive.read(name))
            for name in archive.namelist()
        }
    boards = {file["slug"] for name, file in files.items() if name.startswith("dashboards/")}
    assert {"oak-partners", "crm-pipeline"} <= boards
    charts = {file["slice_name"]: file for name, file in files.items() if "charts/oak" in name}
    share, rate = charts["Visits to gold partners"], charts["Win rate by value"]
    assert "This is the definition of folder crm." in share["description"]
    assert rate["certification_details"].endswith("It stands in the place of the built-in one.")
    assert "Warn below 60%, act below 40%" in share["description"], "thresholds of the pack"
    with duckdb.connect(str(folder / "oak.duckdb"), read_only=True) as connection:
        for chart, value in ((share, 0.5), (rate, 0.75)):
            dataset = next(f for f in files.values() if f.get("uuid") == chart["dataset_uuid"])
            name = "gold_visit_share" if chart is share else "win_rate"
            metric = next(m for m in dataset["metrics"] if m["metric_name"] == name)
            query = f"select {metric['expression']} from ({dataset['sql']}) as t"
            found = connection.execute(query).fetchone()
            assert found is not None
            assert float(found[0]) == pytest.approx(value)

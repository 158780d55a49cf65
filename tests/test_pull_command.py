"""`crmkpi pull`: what it says, where it writes, and what it makes of a zip that is none."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.dashboards.spec import load_specs
from superset_crmkpi.plugins.definitions import beside
from superset_crmkpi.project.load import load_profile
from superset_crmkpi.project.project import Project
from superset_crmkpi.pull.export import read_export
from superset_crmkpi.pull.project import making_of
from superset_crmkpi.pull.pulled import pull
from superset_crmkpi.pull.writing import MARK, goal_of, write
from tests.commands import run
from tests.pulling import PIPELINE, Page, arranged, assets, board_of, making, pulled, spec
from tests.superset import small_company as company

SLUG = "crm-executive"
TITLE = "revenue_at_risk_number"


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mini")
    company.fill(folder / "mini.duckdb", company.USUAL)
    content = {key: value for key, value in company.PROFILE.items() if key != "alerts"}
    content["database"] = {
        "name": "Mini warehouse",
        "uri": f"duckdb:///{folder}/mini.duckdb?access_mode=read_only",
    }
    (folder / "crmkpi.yaml").write_text(yaml.safe_dump(content))
    return folder / "crmkpi.yaml"


@pytest.fixture(scope="module")
def page(profile: Path) -> Page:
    """A page of the profile's, on which somebody renamed a tile that has data."""
    page = Page(making_of(Project(load_profile(profile))), SLUG)
    page.chart("win_rate_trend")["slice_name"] = "Deals won"
    page.params("win_rate_trend")["color_pn"] = True
    return page


@pytest.fixture
def mine(profile: Path, tmp_path: Path) -> Path:
    """The profile in a folder of its own."""
    copy = tmp_path / "crmkpi.yaml"
    copy.write_text(profile.read_text())
    return copy


def test_a_dry_run_says_all_and_writes_nothing(page: Page, mine: Path, tmp_path: Path) -> None:
    export = page.save(tmp_path / "export.zip")
    before = sorted(tmp_path.rglob("*"))
    done = run("pull", str(export), "--profile", str(mine), "--dry-run")
    assert done.exit_code == 0, done.stderr
    written = tmp_path / "crm" / "dashboards" / "executive.yaml"
    assert done.stdout.splitlines() == [
        "Executive CRM Review (crm-executive): 1 taken over, 1 not",
        "  taken over: win_rate_trend: title: nothing -> Deals won",
        "  not taken over: win_rate_trend: params.color_pn: false -> true",
        f"  {written}: would be written",
        "Note: write `definitions: ./crm` into crmkpi.yaml, or nobody reads it",
    ]
    assert sorted(tmp_path.rglob("*")) == before


def test_what_is_written_makes_the_dashboard_as_people_have_it_and_a_second_pull_nothing(
    page: Page, mine: Path, tmp_path: Path
) -> None:
    export = page.save(tmp_path / "export.zip")
    done = run("pull", str(export), "--profile", str(mine), "--format", "json")
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    (board,) = said["dashboards"]
    assert board["taken"] == [
        {"tile": "win_rate_trend", "what": "title", "before": None, "after": "Deals won"}
    ]
    path = Path(board["file"])
    assert path.read_text().startswith(f"{MARK}\naudience: executive\n")
    assert said["written"] is True
    mine.write_text(mine.read_text() + "definitions: ./crm\n")
    made = making_of(Project(load_profile(mine)))
    now = assets(made, spec(made, SLUG))
    uuid = page.chart("win_rate_trend")["uuid"]
    (chart,) = [content for content in now.values() if content.get("uuid") == uuid]
    assert chart["slice_name"] == "Deals won"
    (again,) = pull(read_export(export), made).boards
    assert again.taken == ()
    assert [one.what for one in again.not_taken] == ["params.color_pn"]


def test_an_export_of_others_alone_is_one_line(page: Page, mine: Path, tmp_path: Path) -> None:
    export = Page(making(), PIPELINE).save(tmp_path / "export.zip")
    done = run("pull", str(export), "--profile", str(mine))
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == (
        "Error: the export has no dashboard of the profile `Mini`; there are: "
        "Oak: Pipeline Operations"
    )


def test_a_dashboard_that_breaks_a_rule_ends_with_1_and_is_not_written(
    page: Page, mine: Path, tmp_path: Path
) -> None:
    other = Page(page.made, SLUG)
    other.meta(other.box("win_rate_trend"))["width"] = 9
    done = run("pull", str(other.save(tmp_path / "export.zip")), "--profile", str(mine))
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1].startswith(
        "Error: crm-executive: nothing is taken over: the row of win_rate_trend, "
    )
    assert not (tmp_path / "crm").exists()


# -- zips


def _zip(path: Path, files: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "holds no dashboard; take the file that Superset gives under Dashboards > Export"),
        ({"x/charts/a.yaml": "uuid: a"}, "holds no dashboard; "),
        ({"x/dashboards/a.yaml": "a: [b\n"}, "export.zip: a.yaml line 2: not YAML: "),
        ({"x/dashboards/a.yaml": "- a"}, "export.zip: a.yaml: has no `uuid`; "),
        ({"x/dashboards/a.yaml": b"\xff\xfe"}, "export.zip: a.yaml: is not text in UTF-8; "),
        ({"x/dashboards/a.yaml": "a" * 4_000_001}, "a.yaml: has 4,000,001 bytes; more than "),
    ],
)
def test_a_zip_without_a_dashboard_is_one_line(
    files: dict[str, str | bytes], told: str, tmp_path: Path
) -> None:
    done = run("pull", str(_zip(tmp_path / "export.zip", files)))
    assert (done.exit_code, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")
    assert told in line


def test_what_is_no_zip_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    page = Page(making(), SLUG).save(tmp_path / "whole.zip").read_bytes()
    broken = bytearray(page)
    broken[200:4000] = bytes(3800)
    for content in (b"", b"uuid: x", page[:5000], bytes(broken)):
        path.write_bytes(content)
        done = run("pull", str(path))
        assert (done.exit_code, done.stdout) == (2, "")
        (line,) = done.stderr.splitlines()
        assert "is no zip that can be read (" in line
    done = run("pull", str(tmp_path / "none.zip"))
    assert (done.exit_code, done.stderr) == (
        2, f"Error: {tmp_path / 'none.zip'}: cannot be read (No such file or directory)\n",
    )  # fmt: skip


def test_a_layout_that_leads_nowhere_or_in_a_circle_is_no_bug() -> None:
    for change in _nonsense():
        page = Page(making(), SLUG)
        change(page)
        board = pulled(page)
        assert board.refused or board.not_taken or board.taken, change


def _nonsense() -> list[Callable[[Page], Any]]:
    def position(page: Page) -> dict[str, Any]:
        return page.nodes

    return [
        lambda page: position(page)[page.keys("ROW")[0]].update(children=["NOWHERE", "GRID_ID"]),
        lambda page: position(page)[page.keys("TAB")[0]].update(children=["TABS-crmkpi"]),
        lambda page: position(page)["TABS-crmkpi"].update(type="NONSENSE"),
        lambda page: position(page)[page.keys("ROW")[2]].update(children=None),
        lambda page: position(page)[page.box("nrr_trend_trailing_year")].update(meta="x"),
        lambda page: page.board.update(metadata={"native_filter_configuration": [3]}),
        lambda page: page.chart("win_rate_trend").update(params=[1], slice_name=None),
        lambda page: position(page).clear(),
    ]


# -- files


@pytest.fixture
def changed(tmp_path: Path) -> Any:
    page = Page(making(), PIPELINE)
    page.chart("calls_made_trend")["slice_name"] = "Calls"
    return pulled(page)


def test_a_spec_of_the_profile_is_changed_in_place_and_keeps_the_comment_on_top(
    changed: Any, tmp_path: Path
) -> None:
    write(changed.changed, goal_of(changed.spec, tmp_path / "crm"))
    path = tmp_path / "crm" / "dashboards" / "pipeline.yaml"
    path.write_text(path.read_text().replace(MARK, "# Ours since March.\n# Ask Ann."))
    made = making(folder=tmp_path / "crm")
    assert len(made.specs) == 5
    page = Page(made, PIPELINE)
    page.meta(page.keys("TAB")[0])["text"] = "Now"
    board = pulled(page)
    goal = goal_of(board.spec, tmp_path / "elsewhere")
    assert (goal.path, goal.is_anew) == (path, False)
    write(board.changed, goal)
    assert path.read_text().startswith("# Ours since March.\n# Ask Ann.\naudience: pipeline\n")
    assert sorted(tmp_path.rglob("*.*")) == [path]
    now = making(folder=tmp_path / "crm")
    assert arranged(board_of(assets(now, spec(now, PIPELINE)))) == arranged(page.board)


def test_a_file_that_no_pull_wrote_is_left_alone(changed: Any, tmp_path: Path) -> None:
    path = tmp_path / "dashboards" / "pipeline.yaml"
    path.parent.mkdir()
    path.write_text("audience: somebody\n")
    with pytest.raises(CrmKpiError) as caught:
        goal_of(changed.spec, tmp_path)
    assert caught.value.message == (
        f"{path}: is there, and was not written by a pull; move it away, or choose another folder "
        "by --into"
    )
    path.write_text(f"{MARK}\naudience: somebody\n")
    write(changed.changed, goal_of(changed.spec, tmp_path))
    assert "title: Calls" in path.read_text()


# -- specs that replace


def _folder(tmp_path: Path, **changes: Any) -> Path:
    content = {
        "audience": "pipeline", "title": "Mine", "slug": "crm-pipeline", "description": "Mine.",
        "replaces": True,
        "tabs": [{"title": "A", "use": "operating", "rows": [
            {"tiles": [{"kpi": "win_rate", "chart": "number", "width": 12}]}]}],
        **changes,
    }  # fmt: skip
    path = tmp_path / "crm" / "dashboards" / "mine.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content))
    return tmp_path / "crm"


def test_a_spec_that_replaces_takes_the_place_of_the_one_of_its_audience_and_slug(
    tmp_path: Path,
) -> None:
    ours = [one.board.slug for one in making().specs]
    made = making(folder=_folder(tmp_path))
    assert [one.board.slug for one in made.specs] == ours
    assert spec(made, "crm-pipeline").title == "Mine"


def test_a_folder_with_such_a_spec_keeps_the_promises_of_ours(tmp_path: Path) -> None:
    done = run("plugin", "check", str(_folder(tmp_path)))
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"replaces": False},
            "crm/dashboards/mine.yaml: `audience: pipeline` is that of dashboards/pipeline.yaml "
            "too; choose another",
        ),
        (
            {"slug": "crm-mine"},
            "crm/dashboards/mine.yaml: `replaces`: there is no dashboard of `slug: crm-mine` to "
            "replace",
        ),
        (
            {"audience": "executive"},
            "crm/dashboards/mine.yaml: `replaces`: its audience and slug are of two dashboards",
        ),
    ],
)
def test_a_spec_that_replaces_none_or_two_is_refused(
    changes: dict[str, Any], told: str, tmp_path: Path
) -> None:
    with pytest.raises(CrmKpiError) as caught:
        making(folder=_folder(tmp_path, **changes))
    assert caught.value.message == told


def test_two_specs_of_a_profile_in_one_place_are_refused(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    path = folder / "dashboards" / "mine.yaml"
    path.with_name("other.yaml").write_text(path.read_text())
    with pytest.raises(CrmKpiError) as caught:
        load_specs(making().catalog, beside([folder]))
    assert caught.value.message == (
        "crm/dashboards/other.yaml: `replaces`: crm/dashboards/mine.yaml is there already; keep one"
    )

"""The table of `make test-superset-versions` says of each version and mode what it shows."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from superset_crmkpi.installer.answers import Answers, Unanswered
from superset_crmkpi.superset.versions import TESTED, untested
from tests.seeds import EXAMPLES, SEED
from tests.superset.versions import Found, main, of_answers

WHOLE = of_answers("6.1.0", "built", Answers(140).to_dict())
NO_ROW = Unanswered("Executive", "Win rate", "its query gives no row")
BROKEN = Unanswered("Pipeline", "Deals", "Maximum number of tokens exceeded (10000).")
NOT_ASKED = Unanswered("Pipeline", "A pie", "only a browser knows its query")


def write(folder: Path, *found: Found) -> None:
    for version in {one.version for one in found}:
        own = [asdict(one) for one in found if one.version == version]
        (folder / version).mkdir()
        (folder / version / "found.json").write_text(json.dumps(own))


def printed(folder: Path, capsys: pytest.CaptureFixture[str], *versions: str) -> tuple[int, str]:
    code = main("table", str(folder), *versions)
    return code, capsys.readouterr().out


def test_a_version_that_shows_all_is_one_line_a_mode(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, WHOLE)
    code, said = printed(tmp_path, capsys, "6.1.0")
    assert code == 0
    heading, line = said.splitlines()
    assert heading.split() == ["Superset", "mode", "tiles", "with", "data", "empty", "failed"]
    assert line.split() == ["6.1.0", "built", "140", "140", "0", "0"]


def test_an_empty_tile_is_named_and_is_no_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = Answers(140, empty=(NO_ROW,))
    write(tmp_path, WHOLE, of_answers("6.1.0", "live", answers.to_dict()))
    code, said = printed(tmp_path, capsys, "6.1.0")
    assert code == 0
    assert said.splitlines()[2].split() == ["6.1.0", "live", "140", "139", "1", "0"]
    assert said.splitlines()[-1] == (
        "6.1.0 live: empty: Executive, Win rate: its query gives no row"
    )


def test_a_tile_that_fails_or_could_not_be_asked_fails_the_run_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = Answers(139, skipped=(NOT_ASKED,), failed=(BROKEN,))
    write(tmp_path, WHOLE, of_answers("4.1.4", "live", answers.to_dict()))
    code, said = printed(tmp_path, capsys, "4.1.4", "6.1.0")
    assert code == 1
    assert said.splitlines()[1].split() == ["4.1.4", "live", "140", "138", "0", "2"]
    assert f"4.1.4 live: failed: {BROKEN}" in said.splitlines()
    assert f"4.1.4 live: failed: {NOT_ASKED}" in said.splitlines()


def test_a_version_that_was_not_installed_fails_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = Found("5.0.0", "live", fault="datasets/a.yaml: too long\ndatasets/b.yaml: too long")
    write(tmp_path, WHOLE, refused)
    code, said = printed(tmp_path, capsys, "5.0.0", "6.1.0", "7.0.0")
    assert code == 1
    assert said.splitlines()[1].split() == ["5.0.0", "live", "-", "-", "-", "-"]
    assert "5.0.0 live: not installed: datasets/b.yaml: too long" in said.splitlines()
    assert "7.0.0 built: not installed: " in said


def test_those_that_are_tested_have_their_pins() -> None:
    pins = Path(__file__).parents[1] / "constraints"
    assert sorted(TESTED) == sorted(path.stem for path in pins.glob("*.txt"))


@pytest.mark.parametrize(("found", "told"), [("6.1.0", False), ("7.0.0rc2", True)])
def test_a_superset_that_nobody_has_run_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: str, told: bool
) -> None:
    folder = tmp_path / f"apache_superset-{found}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: apache-superset\nVersion: {found}\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert untested().startswith("not tested with this version of Superset, 7.0.0rc2") == told


def test_each_version_has_its_turn_within_nine_days(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(EXAMPLES, raising=False)
    said = []
    for day in range(1, 10):
        monkeypatch.setenv(SEED, f"2026120{day}")
        assert main("turn", "4.1.4", "5.0.0", "6.0.0") == 0
        said.append(capsys.readouterr().out.strip())
    assert sorted(said) == [""] * 6 + ["4.1.4", "5.0.0", "6.0.0"]

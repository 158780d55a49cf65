"""What each version of Superset shows of the demo's tiles: `make test-superset-versions`.

`python -m tests.superset.versions ask FOLDER SCALE [MODE...]` runs in the environment of a version:
the demo company is installed into a fresh Superset, live and built, and each tile is asked for its
data through Superset, as the role of its dashboard. `... table FOLDER VERSION...` prints what was
found by any Python, and exits with 1 where a tile or an installation failed. `... turn VERSION...`
names the one whose turn is today, each on one of three days in a row, or nothing.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

MODES = ("built", "live")
#: the gate looks at another Superset on one of so many days: no page of docs is followed on it
DAYS, DAY = 3, 2
COLUMNS = ("Superset", "mode", "tiles", "with data", "empty", "failed")
LINE = "{:8}  {:5}  {:>5}  {:>9}  {:>5}  {:>6}"


@dataclass(frozen=True)
class Found:
    """What one version shows in one mode; `fault` where nothing could be installed."""

    version: str
    mode: str
    tiles: int = 0
    empty: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    fault: str = ""

    @property
    def good(self) -> bool:
        return not self.fault and not self.failed and self.tiles > 0

    def line(self) -> str:
        empty, failed = len(self.empty), len(self.failed)
        cells = (self.tiles, self.tiles - empty - failed, empty, failed)
        return LINE.format(self.version, self.mode, *(("-",) * 4 if self.fault else cells))

    def told(self) -> Iterator[str]:
        """A line for each tile without data, and for what kept all of them from being asked."""
        place = f"{self.version} {self.mode}"
        for fault in filter(None, self.fault.splitlines()):
            yield f"{place}: not installed: {fault}"
        yield from (f"{place}: failed: {tile}" for tile in self.failed)
        yield from (f"{place}: empty: {tile}" for tile in self.empty)


def of_answers(version: str, mode: str, answers: Any) -> Found:
    """Of what the installer found (see Answers.to_dict); a tile not asked has shown nothing."""

    def named(key: str) -> list[str]:
        return [f"{one['dashboard']}, {one['tile']}: {one['reason']}" for one in answers[key]]

    failed = [*named("failed"), *named("skipped")]
    tiles = answers["asked"] + len(answers["skipped"])
    return Found(version, mode, tiles, named("empty"), failed)


def ask(folder: Path, scale: float, modes: Sequence[str] = MODES) -> None:
    """Make the demo and ask, with the Superset of this environment; into FOLDER/<version>."""
    from crmkpi_demo.home import open_home
    from crmkpi_demo.making import make
    from crmkpi_demo.run import demo_bundle, fill_warehouse
    from crmkpi_demo.steps import Steps
    from rich.console import Console

    from superset_crmkpi.base.errors import CrmKpiError
    from superset_crmkpi.superset.bootstrap import superset_version

    version, today = str(superset_version()), date.today()
    place = folder / version
    shutil.rmtree(place, ignore_errors=True)
    company = place / "company.duckdb"
    steps = Steps(Console(stderr=True))
    found = []

    def fill(path: Path, report: Any) -> None:
        """The company is made once."""
        if not company.exists():
            fill_warehouse(company, scale, today, report)
        shutil.copyfile(company, path)

    with steps.progress:
        for mode in modes:
            steps.console.print(f"Superset {version}, {mode}", highlight=False)
            home = open_home(place / mode)
            try:
                made = make(
                    home, fill, lambda uri, mode=mode: demo_bundle(uri, today, mode), "", steps,
                    ask=True,
                )  # fmt: skip
                found.append(of_answers(version, mode, made.answers))
            except CrmKpiError as error:
                found.append(Found(version, mode, fault=error.message))
    text = json.dumps([asdict(one) for one in found], indent=1)
    (place / "found.json").write_text(text, encoding="utf-8")


def read(folder: Path, versions: Sequence[str]) -> list[Found]:
    """What was found of these versions, in both modes."""
    found = []
    for version in versions:
        path = folder / version / "found.json"
        if path.exists():
            found += [Found(**one) for one in json.loads(path.read_text(encoding="utf-8"))]
        else:
            fault = "its environment or its Superset could not be made; see above"
            found += [Found(version, mode, fault=fault) for mode in MODES]
    return found


def table(found: Sequence[Found]) -> str:
    """All of it as text."""
    lines = [LINE.format(*COLUMNS), *(one.line() for one in found)]
    told = [line for one in found for line in one.told()]
    return "\n".join([*lines, *([""] if told else []), *told])


def main(what: str, folder: str, *given: str) -> int:
    """The exit code."""
    if what == "ask":
        ask(Path(folder), float(given[0]), given[1:] or MODES)
        return 0
    if what == "turn":
        from tests.seeds import in_turn, is_due

        versions = [version for version in (folder, *given) for _ in range(DAYS)]
        print(*in_turn(versions) if is_due("", DAYS, day=DAY) else ())
        return 0
    found = read(Path(folder), given)
    print(table(found))
    return 0 if all(one.good for one in found) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

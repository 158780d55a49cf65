"""What an install costs: into an empty Superset, into a full one, and with nothing to do."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from crmkpi_demo.home import Home, open_home
from crmkpi_demo.run import PROFILE, fill_warehouse
from superset_crmkpi.base.errors import CrmKpiError

SCALE = 0.02  # of the company: what is in the warehouse is not asked for
SUPERSET = str(Path(sys.executable).parent / "superset")
INSTALL = ("crmkpi", "install", "--no-ask", "--profile", str(PROFILE))


@dataclass(frozen=True)
class Costs:
    """CPU seconds of commands of one run, each a process of its own, the bundle compiled before.

    `empty` and `full`: installs of the demo into an empty Superset and into one with dashboards of
    others; `again`: once more into the first; `start`: `superset --help`.
    """

    strangers: int
    start: float
    empty: float
    full: float
    again: float

    @property
    def ratio(self) -> float:
        """Of an install beside dashboards of others to one without."""
        return self.full / self.empty

    @property
    def nothing_to_do(self) -> float:
        """Seconds of a run with nothing to do beyond Superset's own start."""
        return self.again - self.start

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio, "nothing_to_do": self.nothing_to_do}


def measure(strangers: int, say: Callable[[str], None]) -> Costs:
    """All of it in a temporary folder. CrmKpiError when a command fails."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        say("Making the company")
        warehouse = place / "warehouse.duckdb"
        fill_warehouse(warehouse, SCALE, date.today(), lambda _: None)
        more = {
            "CRMKPI_DEMO_URI": f"duckdb:///{warehouse}?access_mode=read_only",
            "CRMKPI_CACHE_DIR": str(place / "cache"),
        }
        say("Making two Supersets")
        empty = open_home(place / "empty")
        _python(empty, more, "-m", "crmkpi_demo.setup", str(empty.path))
        _python(empty, more, "-m", "crmkpi_demo.strangers", str(empty.path), "0")
        shutil.copytree(empty.path, place / "full")
        full = Home(place / "full")
        say(f"Filling one with {strangers:,} dashboards of others")
        _python(full, more, "-m", "crmkpi_demo.strangers", str(full.path), str(strangers))
        say("Compiling")
        _superset(empty, more, "crmkpi", "plan", "--profile", str(PROFILE), codes=(0, 2))
        say("Installing")
        into_empty = _superset(empty, more, *INSTALL)
        into_full = _superset(full, more, *INSTALL)
        again = _superset(empty, more, *INSTALL)
        return Costs(strangers, _superset(empty, more, "--help"), into_empty, into_full, again)


def _superset(
    home: Home, more: Mapping[str, str], *arguments: str, codes: Sequence[int] = (0,)
) -> float:
    return _cpu([SUPERSET, *arguments], {**home.environment(), **more}, codes)


def _python(home: Home, more: Mapping[str, str], *arguments: str) -> float:
    return _cpu([sys.executable, *arguments], {**home.environment(), **more}, (0,))


def _cpu(command: Sequence[str], environment: Mapping[str, str], codes: Sequence[int]) -> float:
    """CPU seconds of a command with all that it starts."""
    before = _of_children()
    done = subprocess.run(
        command,
        env={**environment, "FLASK_APP": "superset.app:create_app()"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in codes:
        said = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
        raise CrmKpiError(f"{' '.join(map(str, command[:3]))}: {said}")
    return _of_children() - before


def _of_children() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime

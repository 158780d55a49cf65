"""Makes a demo in its folder: the company's data, and a Superset that shows it.

The warehouse is made here while a child process prepares Superset; then the child installs the
bundle and makes the logins.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crmkpi_demo import home as homes
from crmkpi_demo.home import Home, Login
from crmkpi_demo.processes import preparing
from crmkpi_demo.setup import order
from crmkpi_demo.steps import Report, Steps
from superset_crmkpi.bundle.assets import Bundle

MakeWarehouse = Callable[[Path, Report], None]
MakeBundle = Callable[[str], Bundle]


@dataclass(frozen=True)
class Made:
    """What is in the folder now."""

    bundle: Bundle
    users: list[Login]
    summary: str  # of the plan that was carried out
    answers: Mapping[str, Any]  # see Answers.to_dict; {} where the tiles were not asked


def make(
    home: Home,
    make_warehouse: MakeWarehouse,
    make_bundle: MakeBundle,
    stamp: str,
    steps: Steps,
    ask: bool = False,
) -> Made:
    """Warehouse and Superset side by side, then the installation.

    `stamp`: what the warehouse's content depends on; one with the same is kept. With `ask` each
    tile is asked for its data. CrmKpiError when Superset or the installation fails.
    """
    with preparing(home, steps) as child:
        with steps.line("Warehouse", "Making the company's data") as report:
            _fill_warehouse(home, make_warehouse, stamp, report)
            report("Making datasets, charts and dashboards")
            bundle = make_bundle(home.warehouse_uri)
            report("Ready")
        users = homes.logins(home, [role.name for role in bundle.roles])
        request = home.path / "install.json"
        homes.write_private(request, order(bundle, users, ask))
        try:
            child.install(request)
        finally:
            request.unlink(missing_ok=True)
    return Made(bundle, users, child.summary, child.answers)


def _fill_warehouse(home: Home, make: MakeWarehouse, stamp: str, report: Report) -> None:
    kept = home.path / "warehouse_stamp"
    same = stamp and kept.exists() and kept.read_text(encoding="utf-8") == stamp
    if same and home.warehouse.exists():
        report("Keeping the data of the last run")
        return
    partial = home.path / "warehouse.partial.duckdb"
    for leftover in home.path.glob("warehouse.partial.duckdb*"):
        leftover.unlink()
    make(partial, report)
    home.warehouse.with_name("warehouse.duckdb.wal").unlink(missing_ok=True)
    partial.replace(home.warehouse)
    shutil.rmtree(home.path / "cache" / "data", ignore_errors=True)  # answers of the old data
    kept.write_text(stamp, encoding="utf-8")

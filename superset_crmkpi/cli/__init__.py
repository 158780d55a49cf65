"""The `crmkpi` command group: one file a command, imported only when it is called.

`superset` loads this module on each of its calls, so nothing heavy stands here.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

COMMANDS = {
    "bench": "Time the dashboards' queries.",
    "build": "Canonical tables in the warehouse.",
    "bundle": "A zip for the Superset UI.",
    "calc": "A KPI from numbers given by hand.",
    "demo": "A whole Superset with a believable company.",
    "doctor": "What can be computed, and what is missing.",
    "export": "The dashboards under dashboards/export.",
    "fields": "Columns of your CRM that nobody reads yet.",
    "init": "Whose CRM tables these are, and a profile for them.",
    "install": "Datasets, charts, dashboards and roles into this Superset.",
    "kpis": "The KPI catalogue.",
    "load": "CSV, Excel and Parquet files into the warehouse.",
    "plan": "What install would do.",
    "plugin": "Write and check a connector for a CRM.",
}


class LazyGroup(click.Group):
    """Commands by name; each is a module of this package with a function of its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: Any = getattr(import_module(f"{__name__}.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="superset-crmkpi")
def main() -> None:
    """CRM KPIs for Apache Superset.

    Start with `crmkpi demo`, or write a crmkpi.yaml and ask `crmkpi doctor`.
    """

"""`crmkpi plugin list`: who brings what."""

from __future__ import annotations

from typing import Any

import click

from superset_crmkpi.cli.options import format_option, print_json


@click.command("list")
@format_option
def list_(output: str) -> None:
    """List the plugins: whose each is, which hooks it implements and what it brings.

    A broken one is told with its reason, and so is one that CRMKPI_BLOCK_PLUGINS names.

    Example: crmkpi plugin list
    """
    found = entries()
    if output == "json":
        print_json(found)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("Plugin", "Distribution", "Hooks", "Brings", "State")
    for column in table.columns:
        column.overflow = "fold"
    for one in found:
        table.add_row(
            one["plugin"],
            f"{one['distribution']} {one['version']}",
            "\n".join(one["hooks"]),
            ", ".join([*one["connectors"], *one["definitions"]]),
            one["state"],
        )
    Console().print(table)
    for one in found:
        if one["reason"]:
            click.echo(f"{one['plugin']} is {one['state']}: {one['reason']}")


def entries() -> list[dict[str, Any]]:
    """All plugins as plain data; `definitions` counts files by what they define."""
    from superset_crmkpi import __version__
    from superset_crmkpi.connectors.registry import by_plugin
    from superset_crmkpi.plugins.definitions import by_plugin as folders_by_plugin
    from superset_crmkpi.plugins.manager import OURS, plugin_manager

    # asking them may find another one broken
    connectors, folders = by_plugin(), folders_by_plugin()
    return [
        {
            "plugin": one.name,
            "distribution": one.distribution,
            "version": __version__ if one.distribution == OURS else one.version,
            "hooks": list(one.hooks),
            "connectors": connectors.get(one.name, []),
            "definitions": [line for f in folders.get(one.name, []) for line in f.contents()],
            "state": one.state,
            "reason": one.reason,
        }
        for one in plugin_manager().known()
    ]

"""`superset crmkpi plan`: what install would do."""

from __future__ import annotations

from pathlib import Path

import click

from superset_crmkpi.cli.options import (
    edits_options,
    format_option,
    open_project,
    print_json,
    profile_option,
    untold,
    working,
)


@click.command()
@profile_option
@format_option
@edits_options
@click.option("--as", "username", help="Superset user to act as; the first admin by default.")
def plan(profile_path: Path, output: str, username: str | None, take: str, restore: bool) -> None:
    """Say what `install` would create, update or refuse. Changes nothing.

    Example: superset crmkpi plan --profile crmkpi.yaml
    """
    from rich.console import Console

    from superset_crmkpi.installer.apply import prepare
    from superset_crmkpi.project.build import check_built
    from superset_crmkpi.project.load import load_profile
    from superset_crmkpi.superset.inprocess import open_gateway

    with working("Compiling") as say:
        load_profile(profile_path)  # a fault in it is told before Superset is started
        with (
            open_gateway(username=username) as gateway,
            open_project(profile_path, gateway) as project,
        ):
            check_built(project)
            made = project.bundle(uri=project.install_uri)
            planned = prepare(made, gateway, say, take, restore)
            warnings = untold(project, gateway, made)
    if output == "json":
        print_json({**planned.to_dict(), "warnings": warnings})
    else:
        console = Console()
        console.print(planned.to_table())
        console.print(planned.summary())
    planned.raise_for_refusals()

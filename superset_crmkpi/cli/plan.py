"""`superset crmkpi plan`: what install would do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from superset_crmkpi.cli.options import (
    edits_options,
    format_option,
    open_project,
    print_json,
    profile_option,
    working,
)
from superset_crmkpi.cli.reach import open_superset, superset_options, to_install


@click.command()
@profile_option
@format_option
@edits_options
@superset_options
def plan(profile_path: Path, output: str, take: str, restore: bool, **superset: Any) -> None:
    """Say what `install` would create, update or refuse. Changes nothing.

    Example: superset crmkpi plan --profile crmkpi.yaml

    Example: crmkpi plan --url https://superset.example.com --username admin
    """
    from rich.console import Console

    from superset_crmkpi.installer.apply import prepare
    from superset_crmkpi.project.build import check_built
    from superset_crmkpi.project.load import load_profile

    load_profile(profile_path)  # a fault in it is told before anything is asked or started
    opening = open_superset(**superset)
    with (
        working("Compiling") as say,
        opening as gateway,
        open_project(profile_path, gateway) as project,
    ):
        check_built(project)
        made = to_install(project.bundle(uri=project.install_uri), superset["no_roles"])
        planned = prepare(made, gateway, say, take, restore)
    if output == "json":
        print_json(planned.to_dict())
    else:
        console = Console()
        console.print(planned.to_table())
        console.print(planned.summary())
    planned.raise_for_refusals()

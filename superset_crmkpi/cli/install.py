"""`superset crmkpi install`: into this Superset."""

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
def install(
    profile_path: Path, output: str, username: str | None, take: str, restore: bool
) -> None:
    """Install datasets, charts, dashboards and roles; everything or nothing.

    Safe to run again: what has not changed is left alone, and what people changed in Superset is
    kept; where a new version changed the same, --take says whose. `plan` shows it beforehand.

    Example: superset crmkpi install --profile crmkpi.yaml
    """
    from superset_crmkpi.installer.apply import apply
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
            done = apply(made, gateway, say, take, restore)
            warnings = untold(project, gateway, made)
    if output == "json":
        print_json({**done.to_dict(), "warnings": warnings})
        return
    click.echo(f"Installed: {done.summary()}")
    for _, board in made.of("dashboards"):
        click.echo(f"  {board['dashboard_title']}: /superset/dashboard/{board['slug']}/")

"""`superset crmkpi status`: whether the definitions in Superset are still the catalogue's."""

from __future__ import annotations

from pathlib import Path

import click

from superset_crmkpi.cli.options import (
    format_option,
    open_project,
    print_json,
    profile_option,
    working,
)


@click.command()
@profile_option
@format_option
@click.option("--fail", is_flag=True, help="Exit code 1 where a definition is another one.")
@click.option("--as", "username", help="Superset user to act as; the first admin by default.")
def status(profile_path: Path, output: str, fail: bool, username: str | None) -> None:
    """List datasets and metrics that people changed in Superset, and those of an older version.

    A metric has one locked definition: the catalogue's. Labels, formats and metrics of people's own
    are theirs, and not told. Changes nothing.

    Example: superset crmkpi status --fail
    """
    from superset_crmkpi.installer.status import status as compare
    from superset_crmkpi.project.load import load_profile
    from superset_crmkpi.superset.inprocess import open_gateway

    with working("Compiling") as say:
        load_profile(profile_path)  # a fault in it is told before Superset is started
        with (
            open_gateway(username=username) as gateway,
            open_project(profile_path, gateway) as project,
        ):
            made = project.bundle(uri=project.install_uri)
            say("Comparing with what is in Superset")
            found = compare(made, gateway)
    if output == "json":
        print_json(found.to_dict())
    else:
        for drift in found.drifts:
            click.echo(f"Changed: {drift}")
        for name in found.outdated:
            click.echo(f"Older version: {name}; run `crmkpi install`")
        click.echo(
            f"{found.datasets} datasets with {found.metrics} metrics: {len(found.drifts)} "
            f"changed in Superset, {len(found.outdated)} datasets of an older version"
        )
    if fail and not found.is_fine:
        raise SystemExit(1)

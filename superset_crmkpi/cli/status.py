"""`superset crmkpi status`: whether the definitions in Superset are still the catalogue's."""

from __future__ import annotations

from typing import Any

import click

from superset_crmkpi.cli.options import (
    Chosen,
    format_option,
    print_json,
    profile_option,
)
from superset_crmkpi.cli.reach import reached, superset_options, to_install


@click.command()
@profile_option
@format_option
@click.option("--fail", is_flag=True, help="Exit code 1 where a definition is another one.")
@superset_options
def status(chosen: Chosen, output: str, fail: bool, **superset: Any) -> None:
    """List datasets and metrics that people changed in Superset, and those of an older version.

    A metric has one locked definition: the catalogue's. Labels, formats and metrics of people's own
    are theirs, and not told. Changes nothing.

    Example: superset crmkpi status --fail
    """
    from superset_crmkpi.installer.status import status as compare

    with reached(chosen, superset) as (say, gateway, project):
        made = to_install(project.bundle(uri=project.install_uri), superset["no_roles"])
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

"""`superset crmkpi uninstall`: out of this Superset."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import Any

import click

from superset_crmkpi.cli.options import (
    Chosen,
    format_option,
    open_project,
    print_json,
    profile_option,
    working,
)
from superset_crmkpi.cli.reach import open_superset, superset_options


@click.command()
@profile_option
@format_option
@click.option("--dry-run", is_flag=True, help="Say what would be removed; change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--force", is_flag=True, help="Also where people's work stands on it, which is lost.")
@click.option("--warehouse", is_flag=True, help="Also drop what `crmkpi build` made.")
@superset_options
def uninstall(
    chosen: Chosen,
    output: str,
    dry_run: bool,
    yes: bool,
    force: bool,
    warehouse: bool,
    **superset: Any,
) -> None:
    """Remove what `install` made: dashboards, charts, datasets, the connection, roles, the ledger.

    By the ledger, everything or nothing. What people changed in it or built on it is named, and
    nothing is removed then, unless with --force. A connection that other datasets need stays.

    Example: superset crmkpi uninstall --dry-run
    """
    from rich.console import Console

    from superset_crmkpi.base.errors import CrmKpiError
    from superset_crmkpi.installer.uninstall import make_uninstall
    from superset_crmkpi.installer.uninstall import uninstall as remove
    from superset_crmkpi.warehouse.built import drop

    profile = chosen.load()
    with ExitStack() as opened:
        gateway = opened.enter_context(open_superset(**superset))
        # one that cannot be reached is told before anything is removed
        project = opened.enter_context(open_project(chosen, gateway)) if warehouse else None
        with working("Looking for what was installed"):
            planned = make_uninstall(profile.name, gateway, not superset["no_roles"])
        if output == "text":
            Console().print(planned.plan.to_table())
        elif dry_run:
            print_json(planned.to_dict())
        if dry_run or force:
            for loss in planned.losses:
                click.echo(f"{'Lost' if force else 'In the way'}: {loss}", err=True)
        if dry_run:
            return
        if not force:
            planned.raise_for_losses()
        if not yes and not sys.stdin.isatty():
            raise CrmKpiError("nobody to ask here: repeat with --yes, or with --dry-run first")
        if not yes:
            click.confirm(f"Remove all this from Superset ({profile.name})?", abort=True, err=True)
        with working("Removing") as say:
            remove(planned, gateway, say, force)
        if output == "json":
            print_json(planned.to_dict())
        else:
            click.echo(f"Done: {planned.plan.summary()}")
        if project is not None:
            dropped = drop(project.engine, profile.schema_)
            click.echo(f"Dropped {len(dropped)} tables and views in {profile.schema_}", err=True)

"""`superset crmkpi plan`: what install would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from superset_crmkpi.cli.options import (
    Chosen,
    edits_options,
    format_option,
    print_json,
    profile_option,
    untold,
)
from superset_crmkpi.cli.reach import reached, superset_options, to_install

if TYPE_CHECKING:
    from superset_crmkpi.installer.steps import Plan

# `2` is what other planners say for it too (terraform plan -detailed-exitcode)
SOMETHING_TO_DO, REFUSED = 2, 1


@click.command()
@profile_option
@format_option
@edits_options
@superset_options
def plan(chosen: Chosen, output: str, take: str, restore: bool, **superset: Any) -> None:
    """Say what `install` would create, change, keep, remove or refuse. Changes nothing.

    Exit code 2 when there is something to do, 0 when there is not, 1 when install would refuse.

    Example: superset crmkpi plan --profile crmkpi.yaml

    Example: crmkpi plan --url https://superset.example.com --username admin
    """
    from rich.console import Console

    from superset_crmkpi.base.errors import CrmKpiError

    try:
        planned, warnings = _planned(chosen, take, restore, superset)
        if output == "json":
            print_json({**planned.to_dict(), "warnings": warnings})
        else:
            console = Console()
            console.print(planned.to_table())
            console.print(planned.summary())
        planned.raise_for_refusals()
    except CrmKpiError as error:
        error.exit_code = REFUSED
        raise
    if planned.changes:
        raise SystemExit(SOMETHING_TO_DO)


def _planned(
    chosen: Chosen, take: str, restore: bool, superset: dict[str, Any]
) -> tuple[Plan, list[str]]:
    from superset_crmkpi.installer.apply import prepare
    from superset_crmkpi.project.build import check_built

    with reached(chosen, superset) as (say, gateway, project):
        check_built(project)
        made = to_install(project.bundle(uri=project.install_uri), superset["no_roles"])
        planned = prepare(made, gateway, say, take, restore)
        return planned, untold(project, gateway, made)

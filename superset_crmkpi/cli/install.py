"""`superset crmkpi install`: into this Superset, or into one at an address."""

from __future__ import annotations

from typing import Any

import click

from superset_crmkpi.cli.options import (
    Chosen,
    edits_options,
    format_option,
    print_json,
    profile_option,
    untold,
)
from superset_crmkpi.cli.reach import reached, site, superset_options, to_install


@click.command()
@profile_option
@format_option
@edits_options
@superset_options
@click.option("--ask/--no-ask", default=True, help="Ask each tile once for its data.")
def install(
    chosen: Chosen, output: str, take: str, restore: bool, ask: bool, **superset: Any
) -> None:
    """Install datasets, charts, dashboards and roles; everything or nothing.

    Safe to run again: what has not changed is left alone, and what people changed in Superset is
    kept; where a new version changed the same, --take says whose. `plan` shows it beforehand.
    Then each tile that was written is asked for its data, as the dashboard's role; exit code 1 when
    one of them does not answer.

    Example: superset crmkpi install --profile crmkpi.yaml

    Example: crmkpi install --url https://superset.example.com --username admin
    """
    from superset_crmkpi.installer.answers import ask_tiles
    from superset_crmkpi.installer.apply import apply
    from superset_crmkpi.project.build import check_built

    with reached(chosen, superset) as (say, gateway, project):
        check_built(project)
        made = to_install(project.bundle(uri=project.install_uri), superset["no_roles"])
        done = apply(made, gateway, say, take, restore)
        answers = ask_tiles(made, done, gateway, say) if ask else None
        warnings = untold(project, gateway, made)
    if output == "json":
        told = answers.to_dict() if answers else None
        print_json({**done.to_dict(), "answers": told, "warnings": warnings})
    else:
        click.echo(f"Installed: {done.summary()}")
        for _, board in made.of("dashboards"):
            address = f"{site(superset['url'])}/superset/dashboard/{board['slug']}/"
            click.echo(f"  {board['dashboard_title']}: {address}")
        if answers and answers.asked:
            click.echo(answers.summary())
    for failed in answers.failed if answers else ():
        click.echo(f"Error: {failed}", err=True)
    if answers and answers.failed:
        raise SystemExit(1)

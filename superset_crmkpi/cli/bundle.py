"""`crmkpi bundle`: a zip for the Superset UI."""

from __future__ import annotations

from pathlib import Path

import click

from superset_crmkpi.cli.options import open_project, profile_option, working


@click.command()
@profile_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("crmkpi.zip"),
    show_default=True,
    help="The zip to write.",
)
def bundle(profile_path: Path, output: Path) -> None:
    """Write the dashboards over this profile's sources as one zip.

    Import it in Superset under Dashboards > Import. Passwords are not written: Superset asks.
    Each dataset is run on no rows first; nothing is written when one does not run.

    Example: crmkpi bundle --profile crmkpi.yaml -o crm.zip
    """
    from superset_crmkpi.installer.apply import raise_for
    from superset_crmkpi.installer.validate import check
    from superset_crmkpi.project.trial import not_running, too_long

    with working("Compiling") as say, open_project(profile_path) as project:
        made = project.bundle(uri=project.shown_uri)
        raise_for([*check(made), *not_running(project, made, say)])
        made.for_people().write_zip(output)
    click.echo(
        f"{output}: {len(made.assets)} files; import it under Dashboards > Import dashboards"
    )
    note = too_long(made)
    if note:
        click.echo(f"Note: {note}")

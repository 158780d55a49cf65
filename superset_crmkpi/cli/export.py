"""`crmkpi export`: the dashboards under dashboards/export."""

from __future__ import annotations

from pathlib import Path

import click

from superset_crmkpi.cli.options import working


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write; in a checkout dashboards/export by default.",
)
@click.option("--zip", "as_zip", is_flag=True, help="Write one zip per audience, for the UI.")
@click.option("--uri", help="Database URI the zips name; without a password.")
@click.option("--check", is_flag=True, help="Write nothing; fail when a fresh build differs.")
def export(output: Path | None, as_zip: bool, uri: str | None, check: bool) -> None:
    """Build the dashboards over the tables of `crmkpi build`, to import by hand.

    Example: crmkpi export --zip -o . --uri postgresql://reader@warehouse/crm
    """
    from dataclasses import replace

    from superset_crmkpi.base import paths
    from superset_crmkpi.base.errors import CrmKpiError
    from superset_crmkpi.base.secrets import expand_uri
    from superset_crmkpi.bundle import export as exports

    if output is None and paths.PACKAGED:
        raise CrmKpiError(
            "dashboards/export is in the repository, not in what pip installs; "
            "name a folder with --output"
        )
    folder = output or exports.FOLDER
    with working("Building the exports") as say:
        if check:
            different = exports.stale(folder)
            if different:
                raise CrmKpiError(
                    f"{folder.name}: {len(different)} files differ from a fresh build, the first "
                    f"{different[0]}; run `crmkpi export`"
                )
            click.echo("dashboards/export is what a fresh build gives")
            return
        if as_zip:
            target = replace(exports.TARGET, uri=expand_uri(uri)) if uri else exports.TARGET
            folder.mkdir(parents=True, exist_ok=True)
            for audience, bundle in exports.bundles(target).items():
                bundle.write_zip(folder / f"crmkpi-{audience}.zip", f"crmkpi-{audience}")
                click.echo(str(folder / f"crmkpi-{audience}.zip"))
            return
        for audience in exports.write(folder, say):
            click.echo(str(folder / audience))

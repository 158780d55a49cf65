"""`crmkpi bundle`: zips for the Superset UI."""

from __future__ import annotations

from pathlib import Path

import click

from superset_crmkpi.cli.options import Chosen, open_project, profile_option, working

#: in this order: the import of dashboards leaves charts and datasets that are there as they are
UPDATES = ("datasets", "charts", "dashboards")


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
@click.option(
    "--update",
    is_flag=True,
    help="Write three zips, for a Superset that has an older version of the dashboards.",
)
def bundle(chosen: Chosen, output: Path, update: bool) -> None:
    """Write the dashboards over this profile's sources as one zip.

    Import it in Superset under Dashboards > Import. Passwords are not written: Superset asks.
    Each dataset is run on no rows first; nothing is written when one does not run.

    An import of dashboards leaves charts and datasets that are there as they are. To bring a newer
    version, take --update, and import its zips under Datasets, Charts and Dashboards, in this
    order; say yes to overwriting. What people changed in them is lost: `crmkpi install --url` keeps
    it, and takes away what a version does not bring any more.

    Example: crmkpi bundle --profile crmkpi.yaml -o crm.zip
    """
    from superset_crmkpi.installer.apply import raise_for
    from superset_crmkpi.installer.validate import check
    from superset_crmkpi.project.trial import not_running, too_long

    with working("Compiling") as say, open_project(chosen) as project:
        made = project.bundle(uri=project.shown_uri)
        raise_for([*check(made), *not_running(project, made, say)])
        places = {"dashboards": output}
        if update:
            stems = {folder: f"{output.stem}-{n}-{folder}" for n, folder in enumerate(UPDATES, 1)}
            places = {folder: output.with_stem(stem) for folder, stem in stems.items()}
        parts = {folder: made.for_people(folder) for folder in places}
        for folder, path in places.items():
            parts[folder].write_zip(path)
    for folder, path in places.items():
        many = len(parts[folder].assets)
        click.echo(f"{path}: {many} files; import it under {folder.capitalize()} > Import")
    notes = [too_long(made)]
    if any(made.of("rules")):
        notes.append(
            "a zip holds no row-level rules: who may query the datasets sees all rows, whatever "
            "`access.rows` says; `crmkpi install --url` makes them"
        )
    for note in filter(None, notes):
        click.echo(f"Note: {note}")

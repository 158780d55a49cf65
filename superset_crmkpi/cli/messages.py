"""`crmkpi messages`: what people read of a folder of definitions, for translators."""

from __future__ import annotations

from pathlib import Path

import click

from superset_crmkpi.cli.options import working


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--language",
    "languages",
    multiple=True,
    help="Code of a locale, as de or pt_BR; all that the folder has messages of by default.",
)
@click.option("--check", is_flag=True, help="Write nothing; fail when one lacks a translation.")
def messages(folder: Path | None, languages: tuple[str, ...], check: bool) -> None:
    """Write the texts of FOLDER into dashboards/messages/<language>.po.

    Translations that are there already stay, new texts come without one, and texts that are
    nowhere any more go. Without FOLDER: our own, in a checkout. A profile names the language of its
    dashboards by `language`.

    Example: crmkpi messages ./crm --language de
    """
    from superset_crmkpi.base import paths
    from superset_crmkpi.base.errors import CrmKpiError
    from superset_crmkpi.kit import messages as kit
    from superset_crmkpi.language.language import FOLDER
    from superset_crmkpi.plugins.definitions import beside

    if folder is None and paths.PACKAGED:
        raise CrmKpiError("our own messages are in the repository; name a FOLDER of definitions")
    if folder is not None and not folder.is_dir():
        raise CrmKpiError(f"`{folder}` is no folder; name one laid out like ours, with sql/")
    folders = beside([] if folder is None else [folder])
    chosen = next(f for f in reversed(folders) if folder is not None or not f.owner)
    place = chosen.path.joinpath(*FOLDER)
    codes = sorted(set(languages) or {path.stem for path in place.glob("*.po")})
    if not codes:
        raise CrmKpiError(f"`{chosen.path.name}` has no messages yet; add --language, as de")
    with working("Looking for texts"):
        found = kit.texts(folders, chosen)
    for code in codes:
        path = place / f"{code}.po"
        made = kit.merged(found, path, code)
        lacking = [message for message in made if message.id and not message.string]
        if check:
            kit.check(made, path)
        else:
            kit.save(made, path)
        click.echo(f"{path.name}: {len(found)} messages, {len(lacking)} without a translation")

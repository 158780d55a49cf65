"""`crmkpi pull`: what people changed in the Superset UI, back into the specs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from superset_crmkpi.cli.options import (
    Chosen,
    format_option,
    open_project,
    print_json,
    profile_option,
    working,
)

if TYPE_CHECKING:
    from superset_crmkpi.pull.pulled import Pulled, PulledBoard
    from superset_crmkpi.pull.writing import Goal

REFUSED = 1


@click.command()
@click.argument("export", type=click.Path(path_type=Path, dir_okay=False))
@profile_option
@format_option
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for specs in the place of built-in ones.  [default: the first of the profile's "
    "`definitions`, else crm beside the profile]",
)
@click.option("--dry-run", is_flag=True, help="Say what would be taken over; write nothing.")
def pull(export: Path, chosen: Chosen, output: str, into: Path | None, dry_run: bool) -> None:
    """Bring what people changed in the Superset UI into the specs of dashboards.

    EXPORT is the zip that Superset gives under Dashboards > Export; ours are found in it by their
    uuid, whatever they are called now. Take the profile and the version that they were installed
    with: what differs from what these make counts as changed by people.

    Titles, widths, heights, order, tabs, texts, filters and what a tile shows are taken over; the
    rest is listed. A spec of the profile's own folder is changed in place, a built-in one is
    replaced by one in that folder.

    Exit code 1 when a dashboard as people made it breaks a rule of specs; nothing is written of it.

    Example: crmkpi pull dashboard_export.zip --profile crmkpi.yaml --dry-run
    """
    from superset_crmkpi.pull.export import read_export
    from superset_crmkpi.pull.project import making_of
    from superset_crmkpi.pull.pulled import pull as pull_export
    from superset_crmkpi.pull.writing import folder_for, goal_of, write

    given = read_export(export)
    with working("Compiling"), open_project(chosen) as project:
        pulled = pull_export(given, making_of(project))
        own = project.profile.definitions
    folder = folder_for(into, own, chosen.path.parent)
    goals = {
        board.spec.board.slug: goal_of(board.spec, folder)
        for board in pulled.boards
        if board.is_changed
    }
    notes = _notes(chosen, folder, own, list(goals.values()))
    if not dry_run:
        for board in pulled.boards:
            if board.is_changed:
                write(board.changed, goals[board.spec.board.slug])
    if output == "json":
        print_json(_to_dict(pulled, goals, notes, dry_run))
    else:
        _print(pulled, goals, notes, dry_run)
    if any(board.refused for board in pulled.boards):
        raise SystemExit(REFUSED)


def _notes(chosen: Chosen, folder: Path, own: list[Path], goals: list[Goal]) -> list[str]:
    """What is left to do for what is written to count."""
    is_read = folder.resolve() in [path.resolve() for path in own]
    if is_read or not any(goal.is_anew for goal in goals):
        return []
    return [
        f"write `definitions: {_shown(folder, chosen)}` into {chosen.path.name}, or nobody reads it"
    ]


def _shown(folder: Path, chosen: Chosen) -> str:
    """The folder as the profile would name it."""
    try:
        return f"./{folder.resolve().relative_to(chosen.path.parent.resolve()).as_posix()}"
    except ValueError:
        return str(folder)


def _to_dict(
    pulled: Pulled, goals: dict[str, Goal], notes: list[str], dry_run: bool
) -> dict[str, Any]:
    return {
        "dashboards": [
            {
                "slug": board.spec.board.slug,
                "title": board.spec.board.title,
                "taken": [change.to_dict() for change in board.taken],
                "not_taken": [change.to_dict() for change in board.not_taken],
                "refused": board.refused,
                "file": str(goals[board.spec.board.slug].path) if board.is_changed else None,
            }
            for board in pulled.boards
        ],
        "others": list(pulled.others),
        "notes": notes,
        "written": not dry_run and bool(goals),
    }


def _print(pulled: Pulled, goals: dict[str, Goal], notes: list[str], dry_run: bool) -> None:
    for board in pulled.boards:
        click.echo(_summary(board))
        for change in board.taken:
            click.echo(f"  taken over: {change}")
        for change in board.not_taken:
            click.echo(f"  not taken over: {change}")
        if board.is_changed:
            verb = "would be written" if dry_run else "written"
            click.echo(f"  {goals[board.spec.board.slug].path}: {verb}")
    for title in pulled.others:
        click.echo(f"{title}: is no dashboard of this profile")
    for note in notes:
        click.echo(f"Note: {note}")
    for board in pulled.boards:
        if board.refused:
            slug = board.spec.board.slug
            click.echo(f"Error: {slug}: nothing is taken over: {board.refused}", err=True)


def _summary(board: PulledBoard) -> str:
    title = f"{board.spec.board.title} ({board.spec.board.slug})"
    if not board.taken and not board.not_taken:
        return f"{title}: nobody changed it"
    return f"{title}: {len(board.taken)} taken over, {len(board.not_taken)} not"

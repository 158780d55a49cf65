"""`crmkpi plugin`: write a connector, check it, describe it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from superset_crmkpi.cli.options import format_option, print_json, working
from superset_crmkpi.cli.plugin_list import list_

if TYPE_CHECKING:
    from superset_crmkpi.kit.check import Result

_folder = click.argument("path", type=click.Path(path_type=Path, exists=True, file_okay=False))


@click.group()
def plugin() -> None:
    """Write a connector for a CRM, check that it can be trusted; list what is installed.

    Example: crmkpi plugin new acorn && crmkpi plugin check crmkpi-acorn
    """


plugin.add_command(list_)


@plugin.command()
@click.argument("name")
@click.option("--label", help="The vendor's name as people write it.  [default: NAME]")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    show_default="here",
    help="Where the folder crmkpi-NAME goes.",
)
def new(name: str, label: str | None, into: Path) -> None:
    """Write a complete connector with one entity mapped, to go on from.

    Example: crmkpi plugin new acorn --label "Acorn CRM"
    """
    from superset_crmkpi.kit.check import benches
    from superset_crmkpi.kit.coverage_table import coverage_table, with_table
    from superset_crmkpi.kit.create import create

    written = create(name, label or name.replace("-", " ").title(), into)
    folder = into / f"crmkpi-{name}"
    readme = folder / "README.md"
    with working("Describing what it covers"):
        readme.write_text(with_table(readme, coverage_table(benches(folder))), encoding="utf-8")
    for path in written:
        click.echo(path)
    click.echo(f"\nNow: crmkpi plugin check {folder}")


@plugin.command()
@_folder
@click.option("--landing", help="Only this landing.")
@format_option
def check(path: Path, landing: str | None, output: str) -> None:
    """Run the contract on what PATH brings; exit code 1 when it is broken.

    PATH is the folder of a plugin (a connector with its fixtures, definitions or both), or a folder
    of definitions alone, such as the one beside a profile.

    Example: crmkpi plugin check crmkpi-acorn
    """
    from superset_crmkpi.kit.check import BROKEN
    from superset_crmkpi.kit.check import check as run

    with working(f"Checking {path}") as say:
        results = run(path, landing, say)
    if output == "json":
        print_json([result.to_dict() for result in results])
    else:
        _print(results)
    if any(result.outcome == BROKEN for result in results):
        raise SystemExit(1)


@plugin.command()
@_folder
@click.option("--write", is_flag=True, help="Put the table into PATH/README.md.")
def coverage(path: Path, write: bool) -> None:
    """Print which entities and columns the connector in PATH gives, per landing.

    Example: crmkpi plugin coverage crmkpi-acorn --write
    """
    from superset_crmkpi.kit.check import benches
    from superset_crmkpi.kit.coverage_table import coverage_table, with_table

    with working(f"Reading {path}"):
        table = coverage_table(benches(path))
    if not write:
        click.echo(table)
        return
    readme = path / "README.md"
    readme.write_text(with_table(readme, table), encoding="utf-8")
    click.echo(f"{readme}: table of coverage written")


def _print(results: list[Result]) -> None:
    from rich.console import Console
    from rich.table import Table

    landings = list(dict.fromkeys(result.landing for result in results))
    names = list(dict.fromkeys(result.connector for result in results))
    table = Table("Promise", *landings, title=f"Contract of {', '.join(names)}")
    by_promise: dict[str, dict[str, Result]] = {}
    for result in results:
        by_promise.setdefault(result.promise, {})[result.landing] = result
    for promise, found in by_promise.items():
        outcomes = [found[name].outcome if name in found else "" for name in landings]
        table.add_row(promise, *outcomes)
    Console().print(table)
    for result in results:
        if result.message:
            click.echo(f"{result.landing}: {result.promise}: {result.outcome}: {result.message}")
    kept = sum(result.outcome == "kept" for result in results)
    click.echo(f"{kept} of {len(results)} promises kept.")

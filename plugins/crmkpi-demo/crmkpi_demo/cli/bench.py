"""`crmkpi bench`: how long the dashboards' queries take, and `compile`, what their SQL costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from superset_crmkpi.cli.options import format_option, print_json, working

if TYPE_CHECKING:
    from crmkpi_demo.compile_bench import Cost, Dataset
    from crmkpi_demo.queries import Result


@click.group(invoke_without_command=True)
@click.pass_context
@click.option(
    "--scale",
    "scales",
    type=float,
    multiple=True,
    default=(1.0, 10.0),
    show_default=True,
    help="Sizes of the demo company; give it several times.",
)
@click.option(
    "--mode",
    "modes",
    type=click.Choice(["built", "live"]),
    multiple=True,
    default=("built",),
    show_default=True,
    help="Over the tables of `crmkpi build`, as the demo does, or straight over the raw ones.",
)
@click.option(
    "--runs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Runs of each query; the median counts.",
)
@format_option
def bench(
    context: click.Context,
    scales: tuple[float, ...],
    modes: tuple[str, ...],
    runs: int,
    output: str,
) -> None:
    """Time each dashboard's queries on the demo company, on DuckDB.

    Beside each time stands its ratio to a scan of the raw columns that the dashboard reads, taken
    in the same run.

    Example: crmkpi bench --scale 1 --scale 10 --mode built --mode live
    """
    if context.invoked_subcommand is not None:
        return
    from crmkpi_demo.queries import run

    results = []
    with working("Generating the company") as say:
        if output == "text":
            click.echo(_LINE.format(*_HEADINGS))
        for scale in scales:
            for result in run(scale, modes, runs, say):
                results.append(result)
                if output == "text":
                    click.echo(_line(result))
    if output == "json":
        print_json([result.to_dict() for result in results])


_HEADINGS = (
    "Scale",
    "Mode",
    "Dashboard",
    "Queries",
    "Seconds",
    "Raw scan",
    "Ratio",
    "Slowest tile",
)
_LINE = "{:>6}  {:5}  {:22}  {:>7}  {:>8}  {:>8}  {:>6}  {}"


def _line(result: Result) -> str:
    return _LINE.format(
        f"{result.scale:g}",
        result.mode,
        result.dashboard,
        result.queries,
        f"{result.seconds:.2f}",
        f"{result.scan_seconds:.3f}",
        f"{result.ratio:.0f}x",
        f"{result.slowest} ({result.slowest_seconds:.2f} s)",
    )


@bench.command("newest")
@click.option("--scale", type=float, default=1.0, show_default=True, help="Size of the company.")
@click.option("--runs", type=click.IntRange(min=1), default=3, show_default=True)
@format_option
def newest(scale: float, runs: int, output: str) -> None:
    """Seconds of live dashboards that look for the newest row of each record, and that need not.

    Of a table whose key the warehouse declares no row can be there twice, and nothing is looked
    for. Both are timed over the same rows in the same run.

    Example: crmkpi bench newest --scale 10 --runs 3
    """
    from crmkpi_demo.newest_bench import measure

    with working("Generating the company") as say:
        results = list(measure(scale, runs, say))
    if output == "json":
        print_json([result.to_dict() for result in results])
        return
    line = "{:22}  {:>12}  {:>12}  {:>6}"
    click.echo(line.format("Dashboard", "looked for", "declared", "ratio"))
    for one in results:
        cells = f"{one.looked_for:.2f}", f"{one.declared:.2f}", f"{one.ratio:.2f}"
        click.echo(line.format(one.dashboard, *cells))


@bench.command("install")
@click.option(
    "--strangers",
    type=click.IntRange(min=0),
    default=500,
    show_default=True,
    help="Dashboards of others in the second Superset.",
)
@format_option
def install(strangers: int, output: str) -> None:
    """CPU seconds of installs into an empty Superset and a full one, and with nothing to do.

    The bundle was compiled before. Each is a command of its own; all in the same run.

    Example: crmkpi bench install --strangers 500
    """
    from crmkpi_demo.install_bench import measure

    with working("Making the company") as say:
        costs = measure(strangers, say)
    if output == "json":
        print_json(costs.to_dict())
        return
    for label, seconds in (
        ("superset --help", costs.start),
        ("install, empty", costs.empty),
        (f"install, {strangers:,} dashboards of others", costs.full),
        ("install, nothing to do", costs.again),
        ("nothing to do beyond superset --help", costs.nothing_to_do),
    ):
        click.echo(f"{label:40}  {seconds:8.2f}")
    click.echo(f"{'ratio of full to empty':40}  {costs.ratio:8.2f}")


@bench.command("compile")
@click.option("--connector", default="salesforce", show_default=True, help="Whose tables.")
@click.option("--landing", help="Which loader's names. [default: fivetran, or the first]")
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Another checkout of the repository, measured in the same run.",
)
@format_option
def compile_(connector: str, landing: str | None, against: Path | None, output: str) -> None:
    """CPU seconds of a live bundle, and the size of its SQL, over a connector's empty tables.

    Cold, again in the process, and in a new process with what the first one kept. Tokens are
    sqlparse's; Superset 4.1 and 5 refuse SQL of more than 10,000 where theirs is newer than 0.5.4.

    Example: crmkpi bench compile --connector hubspot --landing airbyte --against ../before
    """
    from crmkpi_demo.compile_bench import measure

    if connector == "salesforce":
        landing = landing or "fivetran"
    with working("Making the tables") as say:
        costs = measure(connector, landing, against, say)
    if output == "json":
        print_json([cost.to_dict(LARGEST) for cost in costs])
        return
    for line in _compared(costs):
        click.echo(line)


#: datasets that are shown one by one
LARGEST = 10
_COST = "{:40}" + "  {:>12}" * 3


def _compared(costs: list[Cost]) -> Iterator[str]:
    """Seconds and sizes per line; beside them those of the other checkout, and the ratio."""
    names = [cost.checkout for cost in costs]
    heading = [*names, "ratio"] if len(costs) > 1 else [*names, ""]
    yield _COST.format("", *(name[-12:] for name in heading), *[""] * (3 - len(heading)))
    for label in ("cold", "again", "kept"):
        yield _row(f"CPU seconds, {label}", [getattr(cost, label) for cost in costs])
    shown = [dataset.name for dataset in costs[0].datasets[:LARGEST]]
    for name in shown:
        yield from _size_rows(name, [_named(cost, name) for cost in costs])
    yield from _size_rows("all", [cost.total for cost in costs])
    yield _row("datasets", [len(cost.datasets) for cost in costs])
    yield _row("datasets over 8,000 tokens", [cost.too_long for cost in costs])


def _named(cost: Cost, name: str) -> Dataset | None:
    return next((dataset for dataset in cost.datasets if dataset.name == name), None)


def _size_rows(name: str, sizes: Sequence[Dataset | None]) -> Iterator[str]:
    for unit in ("lines", "kilobytes", "tokens"):
        values = [None if size is None else getattr(size, unit) for size in sizes]
        yield _row(f"{name.removeprefix('crmkpi_')}, {unit}", values)


def _row(label: str, values: Sequence[float | None]) -> str:
    shown = [
        "-" if v is None else f"{v:,.2f}" if isinstance(v, float) else f"{v:,}" for v in values
    ]
    ratio = ""
    if len(values) == 2 and values[0] is not None and values[1]:
        ratio = f"{values[0] / values[1]:.2f}"
    return _COST.format(label[-40:], *shown, *[""] * (2 - len(shown)), ratio).rstrip()

"""`crmkpi bench`: how long the dashboards' queries take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from superset_crmkpi.cli.options import format_option, print_json, working

if TYPE_CHECKING:
    from crmkpi_demo.queries import Result


@click.command()
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
def bench(scales: tuple[float, ...], modes: tuple[str, ...], runs: int, output: str) -> None:
    """Time each dashboard's queries on the demo company, on DuckDB.

    Beside each time stands its ratio to a scan of the raw columns that the dashboard reads, taken
    in the same run.

    Example: crmkpi bench --scale 1 --scale 10 --mode built --mode live
    """
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

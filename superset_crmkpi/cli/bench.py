"""`crmkpi bench`: how long the dashboards' queries take."""

from __future__ import annotations

import click

from superset_crmkpi.cli.options import format_option, print_json, working


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
@click.option("--runs", default=3, show_default=True, help="Runs of each query; the median counts.")
@format_option
def bench(scales: tuple[float, ...], runs: int, output: str) -> None:
    """Time each dashboard's queries on the demo company, live, on DuckDB.

    Beside each time stands its ratio to a raw scan of the same columns, taken in the same run.

    Example: crmkpi bench --scale 1 --scale 10
    """
    from superset_crmkpi.demo.bench import run

    with working("Generating the company") as say:
        results = [result for scale in scales for result in run(scale, runs, say)]
    if output == "json":
        print_json([result.to_dict() for result in results])
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("Scale", "Dashboard", "Queries", "Seconds", "Raw scan", "Ratio", "Slowest tile")
    for r in results:
        table.add_row(
            f"{r.scale:g}",
            r.dashboard,
            str(r.queries),
            f"{r.seconds:.2f}",
            f"{r.scan_seconds:.3f}",
            f"{r.ratio:.0f}x",
            f"{r.slowest} ({r.slowest_seconds:.2f} s)",
        )
    Console().print(table)

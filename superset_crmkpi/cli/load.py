"""`crmkpi load`: files into the warehouse."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from superset_crmkpi.warehouse.load import Loaded

_SHOW_PROGRESS_AFTER = 2.0  # seconds


@click.command()
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH..."
)
@click.option(
    "--into",
    "uri",
    required=True,
    metavar="URI",
    help="SQLAlchemy URI of DuckDB or PostgreSQL; write ${VARIABLE} for a password.",
)
@click.option("--schema", required=True, help="Schema the tables go to; made when it is not there.")
@click.option("--table", help="Name of the table; else it is that of the file or sheet.")
@click.option("--replace", is_flag=True, help="Replace tables that `crmkpi load` made before.")
@click.option(
    "--sentiment",
    "sentiment",
    multiple=True,
    metavar="COLUMN",
    help="Rate the English texts of a column: adds COLUMN_sentiment, -1 to 1. Repeatable.",
)
@click.option("--dry-run", is_flag=True, help="Read the files and say what would be done.")
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text")
def load(
    paths: tuple[Path, ...],
    uri: str,
    schema: str,
    table: str | None,
    replace: bool,
    sentiment: tuple[str, ...],
    dry_run: bool,
    output: str,
) -> None:
    """Load CSV, Excel or Parquet files (or folders of them) as raw tables.

    Columns keep their names, and values of CSV stay text: a connector reads them.
    """
    from superset_crmkpi.warehouse.connect import connect
    from superset_crmkpi.warehouse.load import load_files

    engine = connect(uri)
    begun = time.monotonic()
    bar = None

    def progress(name: str, rows: int) -> None:
        nonlocal bar
        if bar is None:
            if output == "json" or time.monotonic() - begun < _SHOW_PROGRESS_AFTER:
                return
            from rich.console import Console

            bar = Console(stderr=True).status("loading")
            bar.start()
        bar.update(f"{name}: {rows:,} rows")

    try:
        done = load_files(
            engine,
            schema,
            paths,
            table=table,
            replace=replace,
            dry_run=dry_run,
            sentiment=sentiment,
            progress=progress,
        )
    finally:
        if bar is not None:
            bar.stop()
        engine.dispose()
    if output == "json":
        click.echo(json.dumps([one.to_dict() for one in done], indent=2))
    else:
        _show(done, schema)


def _show(done: list[Loaded], schema: str) -> None:
    width = max(len(one.table) for one in done)
    for one in done:
        rows = "" if one.rows is None else f"{one.rows:>10,} rows"
        click.echo(f"{one.status:9} {schema}.{one.table:{width}} {rows} {one.columns:>4} columns")
        for note in one.notes:
            click.echo(f"          {note}")

"""`crmkpi build`: canonical tables in the warehouse."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from superset_crmkpi.cli.options import (
    format_option,
    open_project,
    print_json,
    profile_option,
    working,
)


@click.command()
@profile_option
@format_option
@click.option("--dry-run", is_flag=True, help="Compile and check; write nothing.")
def build(profile_path: Path, output: str, dry_run: bool) -> None:
    """Build the calendar and the canonical entities as tables in the profile's `schema`.

    Made aside and swapped in; nothing else in the warehouse is touched. Run it again to refresh.

    Example: crmkpi build --profile crmkpi.yaml
    """
    from superset_crmkpi.project.build import build as make
    from superset_crmkpi.project.doubled_rows import set_aside

    with working("Compiling") as say, open_project(profile_path) as project:
        done = make(project, say, dry_run)
        say("Counting records that are there twice")
        doubled = set_aside(project)
    schema = project.profile.schema_
    if output == "json":
        aside = Counter[str]()
        for one in doubled:
            aside.update(dict.fromkeys(one.entities, one.rows))
        made = [(f"{schema}.{b.table}", b.rows, aside[b.table]) for b in done]
        print_json([{"table": table, "rows": n, "set_aside": lost} for table, n, lost in made])
        return
    what = "would be built" if dry_run else "built"
    click.echo(f"{len(done)} tables {what} in {schema}, {sum(b.rows for b in done):,} rows")
    for one in doubled:
        click.echo(f"Note: {one}")

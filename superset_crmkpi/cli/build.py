"""`crmkpi build`: canonical tables in the warehouse."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from superset_crmkpi.cli.options import (
    format_option,
    open_project,
    print_json,
    print_mistakes,
    profile_option,
    working,
)


@click.command()
@profile_option
@format_option
@click.option("--dry-run", is_flag=True, help="Compile, try your own SELECTs; write nothing.")
def build(profile_path: Path, output: str, dry_run: bool) -> None:
    """Build the calendar and the canonical entities as tables in the profile's `schema`.

    Made aside and swapped in; nothing else in the warehouse is touched. Run it again to refresh.
    Rows that do not count, as a newer one of the same record is there, are counted.

    A dry run tells each mistake in your own SELECTs as `crmkpi doctor` does; exit code 1 when one
    of them makes a number wrong.

    Example: crmkpi build --profile crmkpi.yaml
    """
    from superset_crmkpi.project.build import build as make
    from superset_crmkpi.project.doubled_rows import set_aside
    from superset_crmkpi.project.mapping_trial import tried

    with working("Compiling") as say, open_project(profile_path) as project:
        mistakes = tried(project, say) if dry_run else []
        broken = any(mistake.is_fatal for mistake in mistakes)
        done = [] if broken else make(project, say, dry_run)
        say("Counting records that are there twice")
        doubled = [] if broken else set_aside(project)
    schema = project.profile.schema_
    failed = int(any(mistake.is_error for mistake in mistakes))
    if output == "json":
        aside = Counter[str]()
        for one in doubled:
            aside.update(dict.fromkeys(one.entities, one.rows))
        tables = [
            {"table": f"{schema}.{b.table}", "rows": b.rows, "set_aside": aside[b.table]}
            for b in done
        ]
        told = [mistake.to_dict() for mistake in mistakes]
        print_json({"tables": tables, "mistakes": told} if dry_run else tables)
        raise SystemExit(failed)
    print_mistakes(mistakes)
    if dry_run:
        click.echo(f"{len(done)} tables would be built in {schema}")
    else:
        click.echo(f"{len(done)} tables built in {schema}, {sum(b.rows for b in done):,} rows")
    for one in doubled:
        click.echo(f"Note: {one}")
    raise SystemExit(failed)

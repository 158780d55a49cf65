"""`crmkpi build`: canonical tables, and facts over them, in the warehouse."""

from __future__ import annotations

from collections import Counter

import click

from superset_crmkpi.cli.options import (
    Chosen,
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
def build(chosen: Chosen, output: str, dry_run: bool) -> None:
    """Build the calendar and the canonical entities as tables in the profile's `schema`.

    The facts that the dashboards read are views over them. All is made aside and swapped in;
    nothing else in the warehouse is touched. Run it again to refresh, or when a definition changed.
    Rows that do not count, as a newer one of the same record is there, are counted.

    A dry run tells each mistake in your own SELECTs as `crmkpi doctor` does; exit code 1 when one
    of them makes a number wrong.

    Example: crmkpi build --profile crmkpi.yaml
    """
    from superset_crmkpi.project.build import build as make
    from superset_crmkpi.project.doubled_rows import set_aside
    from superset_crmkpi.project.mapping_trial import tried

    with working("Compiling") as say, open_project(chosen) as project:
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
            {"table": f"{schema}.{b.name}", "rows": b.rows, "set_aside": aside[b.name]}
            if b.kind == "table"
            else {"view": f"{schema}.{b.name}"}
            for b in done
        ]
        told = [mistake.to_dict() for mistake in mistakes]
        print_json({"tables": tables, "mistakes": told} if dry_run else tables)
        raise SystemExit(failed)
    print_mistakes(mistakes)
    views = [b for b in done if b.kind == "view"]
    made = f"{len(done) - len(views)} tables, and {len(views)} facts as views,"
    if dry_run:
        click.echo(f"{made} would be built in {schema}")
    else:
        click.echo(f"{made} built in {schema}: {sum(b.rows or 0 for b in done):,} rows")
    for one in doubled:
        click.echo(f"Note: {one}")
    raise SystemExit(failed)

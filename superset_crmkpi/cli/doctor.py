"""`crmkpi doctor`: what this warehouse can answer, and what is missing."""

from __future__ import annotations

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

#: lines of a list of what is ambiguous
MOST = 20


@click.command()
@profile_option
@format_option
@click.option("--columns", is_flag=True, help="Name the missing columns of each entity too.")
def doctor(profile_path: Path, output: str, columns: bool) -> None:
    """Say whose tables these are, which KPIs they can answer, and why not the others.

    Your own SELECTs are tried, on no rows and on the data; each mistake is one line. Exit code 1
    when one of them makes a number wrong, or a source reads no row at all.

    Example: crmkpi doctor --profile crmkpi.yaml --format json
    """
    from superset_crmkpi.project import source_inspection as inspection
    from superset_crmkpi.project.mapping_trial import tried
    from superset_crmkpi.warehouse.connect import advice

    with working("Looking at the warehouse") as say, open_project(profile_path) as project:
        mistakes = tried(project, say)
        entities, kpis = project.coverage.entities, project.coverage.kpis
        notes = advice(project.engine)
        vendors = inspection.recognised(project)
        say("Looking for tables without rows, and labels that nobody mapped")
        empty, labels = inspection.empty_tables(project), inspection.unmapped_labels(project)
        alarmed = inspection.alarms(project, empty)
        say("Matching accounts")
        broken = any(mistake.is_fatal for mistake in mistakes)
        matched = [] if broken else inspection.account_matching(project)
        apart = inspection.not_matched(project)
        if apart:
            notes.append(
                f"accounts of {', '.join(apart)} stand beside those of other sources; list them "
                "under `accounts.sources`, and one company counts once"
            )
    failed = int(bool(alarmed) or any(mistake.is_error for mistake in mistakes))
    if output == "json":
        print_json(
            {
                "entities": [
                    {
                        "entity": e.entity,
                        "availability": e.availability,
                        "sources": list(e.sources),
                        "reason": e.reason,
                        "missing_columns": e.missing,
                    }
                    for e in entities.values()
                ],
                "kpis": [
                    {"kpi": k.kpi, "area": k.area, "available": k.available, "reason": k.reason}
                    for k in kpis.values()
                ],
                "sources": [vendor.to_dict() for vendor in vendors],
                "advice": notes,
                "alarms": alarmed,
                "empty_tables": empty,
                "account_matching": [one.to_dict() for one in matched],
                "unmapped_labels": [label.to_dict() for label in labels],
                "mistakes": [mistake.to_dict() for mistake in mistakes],
            }
        )
        raise SystemExit(failed)
    from rich.console import Console
    from rich.table import Table

    console = Console()
    for v in vendors:
        said = f"{v.source}: {v.connector} by {v.landing} in {v.schema}"
        console.print(f"Source {said}{': ' if v.evidence else ''}{v.evidence}", highlight=False)
        if v.looks_like:
            console.print(f"Note: {v.schema} looks like {v.looks_like}", highlight=False)
    table = Table("Entity", "Availability", "From", "Missing", title="Canonical entities")
    for e in entities.values():
        missing = ", ".join(e.missing) if columns else f"{len(e.missing)} columns"
        lacking = e.reason if e.availability == "absent" else missing if e.missing else ""
        table.add_row(e.entity, e.availability, ", ".join(e.sources), lacking)
    console.print(table)
    lost = [k for k in kpis.values() if not k.available]
    console.print(f"{len(kpis) - len(lost)} of {len(kpis)} KPIs can be computed.")
    if lost:
        table = Table("KPI", "Branch", "Why not", title="KPIs that cannot")
        for k in lost:
            table.add_row(k.kpi, k.area, k.reason)
        console.print(table)
    for note in notes:
        console.print(f"Note: {note}")
    for source, tables in empty.items():
        console.print(f"Note: source {source}: no row in {', '.join(tables)}")
    for m in matched:
        by = ", ".join(f"{number} by {rule}" for rule, number in m.by.items()) or "none"
        share = f" ({m.rate:.0%})" if m.rate is not None else ""
        rest = m.accounts - m.matched - m.ambiguous
        console.print(
            f"Accounts of {m.source}: {m.matched} of {m.accounts} matched{share}: {by}; "
            f"{m.ambiguous} ambiguous, {rest} without a match",
            highlight=False,
        )
    unclear = [(m.source, *row) for m in matched for row in m.unclear]
    if unclear:
        title = "Accounts that may be several (say which, under accounts.map)"
        table = Table("Source", "Account", "Its id", "Candidates", "One", "Another", title=title)
        for row in unclear[:MOST]:
            table.add_row(*map(str, row))
        console.print(table)
        if len(unclear) > MOST:
            console.print(f"... and {len(unclear) - MOST} more; --format json lists all")
    if labels:
        title = "Labels that nobody mapped (add them under sources.NAME.values)"
        table = Table("Source", "Column", "Label", "Rows", "Counted as", title=title)
        for label in labels:
            becomes = label.becomes or "unknown"
            table.add_row(label.source, label.column, label.label, str(label.rows), becomes)
        console.print(table)
    print_mistakes(mistakes)
    for line in alarmed:
        click.echo(f"Alarm: {line}", err=True)
    raise SystemExit(failed)

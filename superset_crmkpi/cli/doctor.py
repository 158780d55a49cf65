"""`crmkpi doctor`: what this warehouse can answer, and what is missing."""

from __future__ import annotations

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
@click.option("--columns", is_flag=True, help="Name the missing columns of each entity too.")
def doctor(profile_path: Path, output: str, columns: bool) -> None:
    """Say whose tables these are, which KPIs they can answer, and why not the others.

    Exit code 1 when a source reads no row at all.

    Example: crmkpi doctor --profile crmkpi.yaml --format json
    """
    from superset_crmkpi.inspection import alarms, empty_tables, recognised, unmapped_labels
    from superset_crmkpi.warehouse import advice

    with working("Looking at the warehouse") as say, open_project(profile_path) as project:
        entities, kpis = project.coverage.entities, project.coverage.kpis
        notes = advice(project.engine)
        vendors = recognised(project)
        say("Looking for tables without rows, and labels that nobody mapped")
        empty, labels = empty_tables(project), unmapped_labels(project)
        alarmed = alarms(project, empty)
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
                "unmapped_labels": [label.to_dict() for label in labels],
            }
        )
        raise SystemExit(1 if alarmed else 0)
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
    if labels:
        title = "Labels that nobody mapped (add them under sources.NAME.values)"
        table = Table("Source", "Column", "Label", "Rows", "Counted as", title=title)
        for label in labels:
            becomes = label.becomes or "unknown"
            table.add_row(label.source, label.column, label.label, str(label.rows), becomes)
        console.print(table)
    for line in alarmed:
        click.echo(f"Alarm: {line}", err=True)
    raise SystemExit(1 if alarmed else 0)

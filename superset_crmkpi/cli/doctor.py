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
    """Say which entities and KPIs this warehouse can answer, and why not the others.

    Example: crmkpi doctor --profile crmkpi.yaml --format json
    """
    from superset_crmkpi.warehouse import advice

    with working("Looking at the warehouse"), open_project(profile_path) as project:
        entities, kpis = project.coverage.entities, project.coverage.kpis
        notes = advice(project.engine)
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
                "advice": notes,
            }
        )
        return
    from rich.console import Console
    from rich.table import Table

    console = Console()
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

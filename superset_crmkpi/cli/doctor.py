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

#: lines of a list of what is ambiguous
MOST = 20


@click.command()
@profile_option
@format_option
@click.option("--columns", is_flag=True, help="Name the missing columns of each entity too.")
@click.option("--quick", is_flag=True, help="Do not compile and run the dashboards' datasets.")
def doctor(profile_path: Path, output: str, columns: bool, quick: bool) -> None:
    """Say whose tables these are, which KPIs they can answer, and why not the others.

    Exit code 1 when a source reads no row of what it is there for, or when a dataset of the
    dashboards does not run.

    Example: crmkpi doctor --profile crmkpi.yaml --format json
    """
    from superset_crmkpi.project import source_inspection as inspection
    from superset_crmkpi.project.doubled_rows import set_aside
    from superset_crmkpi.project.reading import reading
    from superset_crmkpi.project.trial import not_running
    from superset_crmkpi.project.unconverted import unconverted_amounts
    from superset_crmkpi.warehouse.connect import advice

    with working("Looking at the warehouse") as say, open_project(profile_path) as project:
        entities, kpis = project.coverage.entities, project.coverage.kpis
        notes = advice(project.engine)
        vendors = inspection.recognised(project)
        say("Looking for tables without rows, and labels that nobody mapped")
        seen, labels = reading(project), inspection.unmapped_labels(project)
        alarmed = [*seen.alarms]
        notes += seen.notes
        say("Counting records that are there twice, and amounts in a currency without a rate")
        doubled, unconverted = set_aside(project), unconverted_amounts(project)
        say("Matching accounts")
        matched = inspection.account_matching(project)
        apart = inspection.not_matched(project)
        if apart:
            notes.append(
                f"accounts of {', '.join(apart)} stand beside those of other sources; list them "
                "under `accounts.sources`, and one company counts once"
            )
        if not quick:
            say("Compiling the datasets of the dashboards")
            alarmed += not_running(project, project.bundle(), say)
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
                "empty_tables": seen.empty,
                "set_aside": [one.to_dict() for one in doubled],
                "account_matching": [one.to_dict() for one in matched],
                "unmapped_labels": [label.to_dict() for label in labels],
                "unconverted_amounts": [one.to_dict() for one in unconverted],
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
    for source, tables in seen.empty.items():
        console.print(f"Note: source {source}: no row in {', '.join(tables)}")
    for one in doubled:
        console.print(f"Note: {one}", highlight=False)
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
    if unconverted:
        title = "Amounts in a currency without a rate, left out of every sum (see currency.rates)"
        table = Table("Column", "Currency", "Rows", "Amount", title=title)
        for money in unconverted:
            where, amount = f"{money.entity}.{money.column}", f"{money.amount:,.2f}"
            table.add_row(where, money.currency, str(money.rows), amount)
        console.print(table)
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

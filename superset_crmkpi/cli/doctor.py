"""`crmkpi doctor`: what this warehouse can answer, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from superset_crmkpi.cli.options import (
    Chosen,
    format_option,
    not_fired_here,
    open_project,
    print_json,
    print_mistakes,
    profile_option,
    working,
)

if TYPE_CHECKING:
    from rich.console import Console

    from superset_crmkpi.project.examination import Examination

#: lines of a list of what is ambiguous
MOST = 20


@click.command()
@profile_option
@format_option
@click.option("--columns", is_flag=True, help="Name the missing columns of each entity too.")
@click.option("--quick", is_flag=True, help="Do not compile and run the dashboards' datasets.")
def doctor(chosen: Chosen, output: str, columns: bool, quick: bool) -> None:
    """Say whose tables these are, which KPIs they can answer, and why not the others.

    Your own SELECTs are tried, on no rows and on the data; each mistake is one line. Exit code 1
    when one of them makes a number wrong, when a source reads no row of what it is there for, when
    a dataset of the dashboards does not run, or when an alert would reach nobody: for what of
    Superset it needs, run it as `superset crmkpi doctor`.

    Example: crmkpi doctor --profile crmkpi.yaml --format json
    """
    from superset_crmkpi.project.examination import examined
    from superset_crmkpi.superset.versions import untested

    with working("Looking at the warehouse") as say, open_project(chosen) as project:
        found = examined(project, say, quick)
        compiles = not any(mistake.is_fatal for mistake in found.mistakes)
        if project.alerts is not None and compiles and not quick:
            say("Looking at what alerts need")
            found.untold.extend(not_fired_here(project.bundle()))
        if note := untested():
            found.notes.append(note)
    if output == "json":
        print_json(found.to_dict())
    else:
        _print(found, columns)
        print_mistakes(found.mistakes)
        for line in found.alarms:
            click.echo(f"Alarm: {line}", err=True)
    raise SystemExit(int(found.failed))


def _print(found: Examination, columns: bool) -> None:
    from rich.console import Console

    console = Console()
    for v in found.recognised:
        said = f"{v.source}: {v.connector} by {v.landing} in {v.schema}"
        console.print(f"Source {said}{': ' if v.evidence else ''}{v.evidence}", highlight=False)
        if v.looks_like:
            console.print(f"Note: {v.schema} looks like {v.looks_like}", highlight=False)
    _print_coverage(console, found, columns)
    for note in found.notes:
        console.print(f"Note: {note}")
    for source, tables in found.reading.empty.items():
        console.print(f"Note: source {source}: no row in {', '.join(tables)}")
    for doubled in found.doubled:
        console.print(f"Note: {doubled}", highlight=False)
    _print_matching(console, found)
    _print_values(console, found)


def _print_coverage(console: Console, found: Examination, columns: bool) -> None:
    from rich.table import Table

    table = Table("Entity", "Availability", "From", "Missing", title="Canonical entities")
    for e in found.entities:
        missing = ", ".join(e.missing) if columns else f"{len(e.missing)} columns"
        lacking = e.reason if e.availability == "absent" else missing if e.missing else ""
        table.add_row(e.entity, e.availability, ", ".join(e.sources), lacking)
    console.print(table)
    lost = [k for k in found.kpis if not k.available]
    console.print(f"{len(found.kpis) - len(lost)} of {len(found.kpis)} KPIs can be computed.")
    if lost:
        table = Table("KPI", "Branch", "Why not", title="KPIs that cannot")
        for k in lost:
            table.add_row(k.kpi, k.area, k.reason)
        console.print(table)


def _print_matching(console: Console, found: Examination) -> None:
    from rich.table import Table

    for m in found.matched:
        by = ", ".join(f"{number} by {rule}" for rule, number in m.by.items()) or "none"
        share = f" ({m.rate:.0%})" if m.rate is not None else ""
        rest = m.accounts - m.matched - m.ambiguous
        console.print(
            f"Accounts of {m.source}: {m.matched} of {m.accounts} matched{share}: {by}; "
            f"{m.ambiguous} ambiguous, {rest} without a match",
            highlight=False,
        )
    unclear = [(m.source, *row) for m in found.matched for row in m.unclear]
    if unclear:
        title = "Accounts that may be several (say which, under accounts.map)"
        table = Table("Source", "Account", "Its id", "Candidates", "One", "Another", title=title)
        for row in unclear[:MOST]:
            table.add_row(*map(str, row))
        console.print(table)
        if len(unclear) > MOST:
            console.print(f"... and {len(unclear) - MOST} more; --format json lists all")


def _print_values(console: Console, found: Examination) -> None:
    from rich.table import Table

    if found.unconverted:
        title = "Amounts in a currency without a rate, left out of every sum (see currency.rates)"
        table = Table("Column", "Currency", "Rows", "Amount", title=title)
        for money in found.unconverted:
            where, amount = f"{money.entity}.{money.column}", f"{money.amount:,.2f}"
            table.add_row(where, money.currency, str(money.rows), amount)
        console.print(table)
    if found.labels:
        title = "Labels that nobody mapped (add them under sources.NAME.values)"
        table = Table("Source", "Column", "Label", "Rows", "Counted as", title=title)
        for label in found.labels:
            becomes = label.becomes or "unknown"
            table.add_row(label.source, label.column, label.label, str(label.rows), becomes)
        console.print(table)

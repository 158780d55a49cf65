"""`crmkpi kpis`: the catalogue."""

from __future__ import annotations

from typing import Any

import click

from superset_crmkpi.cli.options import format_option, print_json


@click.command()
@click.argument("name", required=False)
@click.option("--area", help="Only this branch of the KPI tree, such as retention.")
@format_option
def kpis(name: str | None, area: str | None, output: str) -> None:
    """List the KPIs, or show NAME in full.

    Example: crmkpi kpis win_rate
    """
    from superset_crmkpi.catalog import AREAS, load_catalog
    from superset_crmkpi.errors import CrmKpiError

    catalog = load_catalog()
    if name is not None and name not in catalog.kpis:
        raise CrmKpiError(f"no KPI `{name}`; `crmkpi kpis` lists them")
    if area is not None and area not in AREAS:
        raise CrmKpiError(f"--area {area}: the branches are {', '.join(AREAS)}")
    chosen = [
        kpi
        for kpi in catalog.kpis.values()
        if (name is None or kpi.name == name) and (area is None or kpi.area == area)
    ]
    entries: list[dict[str, Any]] = [
        {
            "id": kpi.name,
            "area": kpi.area,
            "fact": kpi.fact,
            "expression": kpi.expression.sql(dialect="duckdb"),
            **kpi.meta.model_dump(exclude={"owner"}),
            "owners": kpi.owners,
        }
        for kpi in chosen
    ]
    if output == "json":
        print_json(entries)
        return
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if name is not None:
        table = Table(show_header=False)
        for key, value in entries[0].items():
            if value not in (None, [], {}):
                table.add_row(key, str(value))
    else:
        table = Table("KPI", "Branch", "Unit", "Owner", "Question")
        for kpi in chosen:
            owners = ", ".join(kpi.owners)
            table.add_row(kpi.name, kpi.area, kpi.meta.unit, owners, kpi.meta.question)
    console.print(table)
    if name is None:
        console.print(f"{len(chosen)} KPIs")

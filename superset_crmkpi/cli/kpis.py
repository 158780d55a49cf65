"""`crmkpi kpis`: the catalogue."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from superset_crmkpi.cli.options import catalog_option, format_option, print_json, read_catalog

if TYPE_CHECKING:
    from superset_crmkpi.catalogue.definitions import Catalog, Kpi


@click.command()
@click.argument("name", required=False)
@click.option("--area", help="Only this branch of the KPI tree, such as retention.")
@catalog_option
@format_option
def kpis(name: str | None, area: str | None, profile_path: Path | None, output: str) -> None:
    """List the KPIs, or show NAME in full.

    Example: crmkpi kpis win_rate
    """
    from superset_crmkpi.base.errors import CrmKpiError
    from superset_crmkpi.catalogue.definitions import AREAS

    catalog = read_catalog(profile_path)
    if name is not None and name not in catalog.kpis:
        raise CrmKpiError(f"no KPI `{name}`; `crmkpi kpis` lists them")
    if area is not None and area not in AREAS:
        raise CrmKpiError(f"--area {area}: the branches are {', '.join(AREAS)}")
    chosen = [
        kpi
        for kpi in catalog.kpis.values()
        if (name is None or kpi.name == name) and (area is None or kpi.area == area)
    ]
    if output == "json":
        print_json([entry(kpi) for kpi in chosen])
    elif name is not None:
        click.echo(page(catalog, chosen[0]))
    else:
        _table(chosen)


def entry(kpi: Kpi) -> dict[str, Any]:
    """A KPI as plain data: its governance, and the expression in the canonical dialect."""
    return {
        "id": kpi.name,
        "area": kpi.area,
        "fact": kpi.fact,
        "expression": kpi.expression.sql(dialect="duckdb"),
        **kpi.meta.model_dump(exclude={"owner"}),
        "definition_of": kpi.whose or "superset-crmkpi",
        "owner": " + ".join(kpi.owners),
        "owners": kpi.owners,
        "answers_for": kpi.meta.owner if isinstance(kpi.meta.owner, dict) else {},
    }


def _table(chosen: list[Kpi]) -> None:
    from rich.console import Console
    from rich.table import Table

    from superset_crmkpi.catalogue.display import role_name

    table = Table("KPI", "Branch", "Unit", "Owner", "Question")
    for kpi in chosen:
        owners = ", ".join(role_name(owner) for owner in kpi.owners)
        table.add_row(kpi.name, kpi.area, kpi.meta.unit, owners, kpi.meta.question)
    console = Console()
    console.print(table)
    console.print(f"{len(chosen)} KPIs")


def page(catalog: Catalog, kpi: Kpi) -> str:
    """One KPI for whoever answers for it: what it says, who acts, and how it is counted."""
    from superset_crmkpi.catalogue.display import owners_text, shown, thresholds_text, whose_text
    from superset_crmkpi.compile.calculator import inputs_of

    meta, fact = kpi.meta, catalog.facts[kpi.fact].meta
    by = ", ".join(fact.dimensions.values())
    facts = {
        "Owner": owners_text(kpi),
        "Review": f"{meta.review}; refreshed {meta.refresh}",
        "Thresholds": thresholds_text(meta),
        "When it gets worse": meta.action,
        "Reads as": f"{meta.unit}, good when it goes {meta.good}; {_OVER_TIME[meta.over_time]}",
        "Tells": f"{meta.kind}, {meta.signal}; for {meta.use}; in {kpi.area}, at {meta.journey}",
        "Counted by": f"{meta.time} of {fact.label.lower()}",
        "Slice by": by,
        "Needs": ", ".join(meta.needs),
        "Whose": whose_text(kpi),
    }
    lines = [f"{meta.label} ({kpi.name})", meta.question, "", *_wrapped(meta.definition), ""]
    for label, text in facts.items():
        if text:
            first, *rest = _wrapped(text, 20)
            lines += [f"{label:19} {first}", *(f"{'':20}{line}" for line in rest)]
    if meta.edge_cases:
        lines += ["", "Edge cases", *(f"  - {case}" for case in meta.edge_cases)]
    worked = [example for example in meta.examples if example.given]
    if worked:
        lines += ["", "Worked examples"]
    for example in worked:
        given = " ".join(f"{name}={example.given[name]}" for name in inputs_of(kpi))
        value = "no value" if example.value is None else shown(example.value, meta.unit)
        lines.append(f"  crmkpi calc {kpi.name} {given}   -> {value}")
    return "\n".join([*lines, "", "SQL", *(f"  {line}" for line in kpi.file.sql.splitlines())])


_OVER_TIME = {
    "sum": "adds up over time",
    "ratio": "a ratio of sums over any period",
    "last": "a level: the last period counts, never a sum",
}


def _wrapped(text: str, indent: int = 0) -> list[str]:
    return textwrap.wrap(text, 98 - indent)

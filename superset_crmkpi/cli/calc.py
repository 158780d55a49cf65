"""`crmkpi calc`: a KPI from numbers given by hand."""

from __future__ import annotations

from pathlib import Path

import click

from superset_crmkpi.cli.options import catalog_option, format_option, print_json, read_catalog


@click.command()
@click.argument("name", required=False)
@click.argument("inputs", nargs=-1, metavar="[KEY=VALUE]...")
@catalog_option
@format_option
def calc(name: str | None, inputs: tuple[str, ...], profile_path: Path | None, output: str) -> None:
    """Calculate the KPI NAME by the same expression that the warehouse runs.

    A value is a number, a percent, a date, or several by commas. Without NAME: every KPI that can
    be calculated, with its inputs.

    Example: crmkpi calc nrr start=100 expansion=20 contraction=5 churned=5
    """
    from superset_crmkpi.base.errors import CrmKpiError
    from superset_crmkpi.catalogue.display import shown
    from superset_crmkpi.compile.calculator import calculate, inputs_of, read_values

    catalog = read_catalog(profile_path)
    if name is None:
        able = {k.name: inputs_of(k) for k in catalog.kpis.values() if k.meta.calculator}
        if output == "json":
            print_json(able)
        for kpi_name, names in able.items() if output == "text" else ():
            click.echo(f"{kpi_name:28} {' '.join(names)}")
        return
    if name not in catalog.kpis:
        raise CrmKpiError(f"no KPI `{name}`; `crmkpi calc` lists those with a calculator")
    given = {}
    for text in inputs:
        key, equals, value = text.partition("=")
        if not equals or not value:
            raise CrmKpiError(f"`{text}`: write inputs as key=value, such as start=100")
        if key in given:
            raise CrmKpiError(f"`{key}` is given twice")
        given[key] = read_values(value)
    kpi = catalog.kpis[name]
    value_found = calculate(catalog, kpi, given)
    if output == "json":
        plain = {key: values[0] if len(values) == 1 else values for key, values in given.items()}
        print_json({"kpi": name, "value": value_found, "unit": kpi.meta.unit, "inputs": plain})
    elif value_found is None:
        click.echo(f"{kpi.meta.label}: no value (there is nothing to divide by)")
    else:
        click.echo(f"{kpi.meta.label}: {shown(value_found, kpi.meta.unit)}")

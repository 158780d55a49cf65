"""`crmkpi fields`: what lies in the CRM's tables that nobody reads yet."""

from __future__ import annotations

import re
from itertools import groupby

import click

from superset_crmkpi.cli.options import (
    Chosen,
    format_option,
    open_project,
    print_json,
    profile_option,
    working,
)

#: entities that have a fact with one row per record
EXAMPLES = ("account", "opportunity", "lead", "ticket")


@click.command()
@click.argument("source", required=False)
@profile_option
@format_option
def fields(source: str | None, chosen: Chosen, output: str) -> None:
    """List columns of your CRM's tables that the connector, or a SELECT of yours, does not read.

    Take one up by the profile's `fields`: in place of a column of the model, or as a dimension to
    filter and group by. Empty columns are left out of the text.

    Example: crmkpi fields salesforce
    """
    from superset_crmkpi.base.errors import CrmKpiError
    from superset_crmkpi.project.source_inspection import unread_fields

    with working("Looking at the warehouse") as say, open_project(chosen) as project:
        known = list(project.profile.sources)
        if source is not None and source not in known:
            raise CrmKpiError(f"no source `{source}`; there are: {', '.join(known)}")
        say("Counting values")
        found = unread_fields(project, source)
        selected = {name for name, given in project.profile.sources.items()
                    if project.connector_of(given).schema is None}  # fmt: skip
    if output == "json":
        print_json([field.to_dict() for field in found])
        return
    shown = [field for field in found if field.filled]
    if not shown:
        click.echo("The connectors read every column that has a value.")
        return
    width = max(len(field.field) for field in shown)
    for (name, entity, table), group in groupby(shown, lambda f: (f.source, f.entity, f.table)):
        click.echo(f"{name}: {entity}, from {table}")
        for field in group:
            share = f"{field.filled / field.rows:.0%}"
            click.echo(f"  {field.field:<{width}}  {field.kind:<9}  filled {share:>4}")
    one = next((field for field in shown if field.entity in EXAMPLES), shown[0])
    plain = re.sub("[^a-z0-9]+", "_", one.field.lower()).strip("_")
    if one.source in selected:
        click.echo(
            "\nTake one up: give it in the SELECT, by a name of the model or of your own, which\n"
            f"the profile then lists:\n\n  fields:\n    {one.entity}.{plain}: {{}}"
        )
        return
    click.echo(
        "\nTake one up in the profile, for example:\n\n"
        f"  fields:\n    {one.entity}.{plain}:\n      from: {{{one.source}: {one.field}}}"
    )

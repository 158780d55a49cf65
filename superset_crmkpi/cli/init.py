"""`crmkpi init`: look at a database and write a profile to start from."""

from __future__ import annotations

from pathlib import Path

import click

from superset_crmkpi.cli.options import format_option, print_json, working


@click.command()
@click.option(
    "--uri",
    required=True,
    help="SQLAlchemy URI of the warehouse; write ${VARIABLE} for a password.",
)
@click.option("--schema", "schemas", multiple=True, help="Look only here. Repeatable.")
@click.option(
    "-o",
    "--output-file",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("crmkpi.yaml"),
    show_default=True,
    help="The profile to write.",
)
@click.option("--dry-run", is_flag=True, help="Show the profile, and write nothing.")
@format_option
def init(uri: str, schemas: tuple[str, ...], path: Path, dry_run: bool, output: str) -> None:
    """Say whose CRM tables lie in a warehouse and by which loader, and write a profile.

    Tables of no known vendor are guessed by their names and contents: the profile has a SELECT for
    each, with `-- ?` where a person has to look.

    Example: crmkpi init --uri 'postgresql://reader:${CRM_PASSWORD}@warehouse/crm'
    """
    from pydantic import ValidationError

    from superset_crmkpi.base.documents import first_fault
    from superset_crmkpi.base.errors import CrmKpiError
    from superset_crmkpi.connectors.registry import connectors
    from superset_crmkpi.profile.schema import Database
    from superset_crmkpi.project.first_profile import look, profile_text
    from superset_crmkpi.warehouse.connect import connect, existing_schemas, snapshot

    try:
        Database(name="warehouse", uri=uri)
    except ValidationError as error:
        raise CrmKpiError(f"--uri: {first_fault(error, Database).message}") from error
    if path.exists() and not dry_run:
        raise CrmKpiError(f"{path} is there already; name another with -o, or use --dry-run")
    engine = connect(uri)
    try:
        with working("Looking at the warehouse"):
            there = existing_schemas(engine)
            missing = sorted(set(schemas) - there)
            if missing:
                raise CrmKpiError(
                    f"no schema `{missing[0]}`; there are: {', '.join(sorted(there))}"
                )
            tables = snapshot(engine, schemas or there)
            found = look(engine, tables, connectors().values())
    finally:
        engine.dispose()
    if output == "json":
        print_json([source.to_dict() for source in found.sources])
    else:
        for source in found.sources:
            said = f"{source.schema}: {source.connector} by {source.landing}: {source.evidence}"
            click.echo(said)
        for schema in found.built:
            click.echo(f"{schema}: tables of `crmkpi build`, no source")
    if not found.sources:
        known = ", ".join(name for name, one in connectors().items() if one.folder is not None)
        raise CrmKpiError(
            f"no schema looks like one of the installed connectors ({known}), and no table like "
            "accounts, deals, leads or tickets; describe yours with the connector `sql` "
            "(docs/profile.md)"
        )
    text = profile_text(uri, found)
    if not dry_run:
        path.write_text(text, encoding="utf-8")
        click.echo(f"{path} written; now: crmkpi doctor --profile {path}", err=output == "json")
    elif output == "text":
        click.echo(text, nl=False)

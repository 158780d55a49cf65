"""`crmkpi init`: look at a database and write a profile to start from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from superset_crmkpi.cli.options import format_option, print_json, working

if TYPE_CHECKING:
    from superset_crmkpi.connectors.recognise import Guess


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
@click.option("--dry-run", is_flag=True, help="Say what was found, and write nothing.")
@format_option
def init(uri: str, schemas: tuple[str, ...], path: Path, dry_run: bool, output: str) -> None:
    """Say whose CRM tables lie in a warehouse and by which loader, and write a profile.

    Example: crmkpi init --uri 'postgresql://reader:${CRM_PASSWORD}@warehouse/crm'
    """
    from pydantic import ValidationError

    from superset_crmkpi.base.errors import CrmKpiError
    from superset_crmkpi.connectors.recognise import recognise
    from superset_crmkpi.connectors.registry import connectors
    from superset_crmkpi.profile.schema import Database
    from superset_crmkpi.warehouse.connect import connect, existing_schemas, snapshot

    try:
        Database(name="warehouse", uri=uri)
    except ValidationError as error:
        raise CrmKpiError(f"--uri: {error.errors()[0]['msg']}") from error
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
            guesses = recognise(snapshot(engine, schemas or there), connectors().values())
    finally:
        engine.dispose()
    if output == "json":
        print_json([guess.to_dict() for guess in guesses])
    else:
        for guess in guesses:
            click.echo(f"{guess.schema}: {guess.connector} by {guess.landing}: {guess.evidence}")
    if not guesses:
        known = ", ".join(name for name, one in connectors().items() if one.folder is not None)
        raise CrmKpiError(
            f"no schema looks like one of the installed connectors ({known}); install another, "
            "or describe the tables with the connector `sql` (docs/profile.md)"
        )
    if not dry_run:
        path.write_text(profile_text(uri, guesses), encoding="utf-8")
        click.echo(f"{path} written; now: crmkpi doctor --profile {path}", err=output == "json")


def profile_text(uri: str, guesses: list[Guess]) -> str:
    """A profile of the guesses, with their evidence as comments."""
    lines = [
        "name: CRM",
        "database:",
        "  name: CRM warehouse",
        f"  uri: {json.dumps(uri)}",
        "sources:",
    ]
    names: list[str] = []
    for guess in guesses:
        name = (
            guess.connector if guess.connector not in names else f"{guess.connector}_{guess.schema}"
        )
        names.append(name)
        lines += [
            f"  {name}: # {guess.evidence}",
            f"    connector: {guess.connector}",
            f"    landing: {guess.landing}",
            f"    schema: {guess.schema}",
        ]
    lines += _accounts(dict(zip(names, guesses, strict=True)))
    lines += ["calendar: {time_zone: UTC, week_start: monday}", "currency: {reporting: EUR}"]
    return "\n".join(lines) + "\n"


def _accounts(guesses: dict[str, Guess]) -> list[str]:
    """The sources that have accounts, one that has opportunities first."""
    from superset_crmkpi.connectors.registry import connectors

    mapped = {
        name: set(connectors()[guess.connector].mappings({})) for name, guess in guesses.items()
    }
    known = [name for name in guesses if "account" in mapped[name]]
    known.sort(key=lambda name: "opportunity" not in mapped[name])
    if len(known) < 2:
        return []
    return [
        "accounts: # one company in several systems; who comes first, leads",
        f"  sources: [{', '.join(known)}]",
    ]

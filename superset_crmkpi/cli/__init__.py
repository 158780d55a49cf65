"""The `crmkpi` command group."""

from __future__ import annotations

import click


@click.group()
def main() -> None:
    """CRM KPIs for Apache Superset."""

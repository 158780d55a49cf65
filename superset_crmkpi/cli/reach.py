"""Which Superset a command talks to: the one in this environment, or one at an address."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.cli.options import Chosen, open_project, working

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from superset_crmkpi.bundle.assets import Bundle
    from superset_crmkpi.installer.gateway import Gateway
    from superset_crmkpi.project.project import Project

    class Reached(Gateway, Protocol):
        """A Superset that commands talk to."""

        def warehouse(self, name: str) -> Engine:
            """The engine of the connection of this name."""
            ...


F = TypeVar("F", bound=Callable[..., Any])


def superset_options(command: F) -> F:
    """`--url`, `--username`, `--as`: a remote Superset, or a user of the one that is here."""
    url = click.option(
        "--url",
        help="Address of a remote Superset, asked by its REST API; without it the one here.",
    )
    username = click.option(
        "--username",
        help="User at --url; the password comes from CRMKPI_SUPERSET_PASSWORD or is asked for.",
    )
    acting = click.option(
        "--as", "acting", help="User to act as where Superset is here; the first admin by default."
    )
    no_roles = click.option(
        "--no-roles",
        is_flag=True,
        help="Make no roles, and look at none; for a Superset that has its own.",
    )
    return url(username(acting(no_roles(command))))


def open_superset(
    url: str | None = None,
    username: str | None = None,
    acting: str | None = None,
    no_roles: bool = False,
) -> AbstractContextManager[Reached]:
    """A gateway to the Superset that the options of `superset_options` name.

    A password is asked for at once, before a spinner runs over it.
    """
    if url is None:
        from superset_crmkpi.superset.inprocess import open_gateway

        if username:
            raise CrmKpiError("--username goes with --url; where Superset is here, use --as")
        return open_gateway(username=acting)
    from superset_crmkpi.superset.rest.gateway import open_remote
    from superset_crmkpi.superset.rest.login import login_from

    if acting:
        raise CrmKpiError("--as is for a Superset that is here; with --url use --username")
    return open_remote(url, login_from(username), not no_roles)


@contextmanager
def reached(
    chosen: Chosen, superset: Mapping[str, Any]
) -> Iterator[tuple[Callable[[str], None], Reached, Project]]:
    """What to say progress with, the Superset of those options, and the profile's project.

    A fault in the profile is told before anything is asked or started.
    """
    chosen.load()
    opening = open_superset(**superset)
    with (
        working("Compiling") as say,
        opening as gateway,
        open_project(chosen, gateway) as project,
    ):
        yield say, gateway, project


def to_install(bundle: Bundle, no_roles: bool) -> Bundle:
    """The bundle with what the options of `superset_options` want of it."""
    return replace(bundle, roles=()) if no_roles else bundle


def site(url: str | None) -> str:
    """What addresses of pages begin with; '' where that is not known."""
    from superset_crmkpi.superset.rest.client import base_of

    return base_of(url) if url is not None else ""

"""What several commands share: the profile option, output formats, a spinner."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from superset_crmkpi.base.logs import NAME

if TYPE_CHECKING:
    from superset_crmkpi.bundle.assets import Bundle
    from superset_crmkpi.catalogue.definitions import Catalog
    from superset_crmkpi.cli.reach import Reached
    from superset_crmkpi.connectors.mistakes import Mistake
    from superset_crmkpi.installer.gateway import Gateway
    from superset_crmkpi.profile.schema import Profile
    from superset_crmkpi.project.project import Project

#: between two lines of progress in a log
LOG_SECONDS = 2
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Chosen:
    """The file of a profile, and which of its environments; None for the profile itself."""

    path: Path
    environment: str | None = None

    def load(self) -> Profile:
        """The profile. CrmKpiError with file, line, key and remedy."""
        from superset_crmkpi.project.load import load_profile

        return load_profile(self.path, self.environment)


def profile_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--profile crmkpi.yaml` and `--environment NAME`, which the command gets as `chosen`."""

    @wraps(command)
    def with_profile(
        *args: Any, profile_path: Path, environment: str | None, **options: Any
    ) -> Any:
        return command(*args, chosen=Chosen(profile_path, environment), **options)

    profile = click.option(
        "--profile",
        "profile_path",
        type=click.Path(path_type=Path, dir_okay=False),
        default=Path("crmkpi.yaml"),
        show_default=True,
        help="The profile.",
    )
    environment = click.option(
        "--environment",
        metavar="NAME",
        envvar="CRMKPI_ENVIRONMENT",
        help="Which of the profile's `environments`; $CRMKPI_ENVIRONMENT counts too.",
    )
    return profile(environment(with_profile))


def catalog_option(command: F) -> F:
    """`--profile`, of which only the definitions count; one that is not there is no fault."""
    return click.option(
        "--profile",
        "profile_path",
        type=click.Path(path_type=Path, dir_okay=False),
        help="The profile whose `definitions` count too.  [default: crmkpi.yaml, if it is there]",
    )(command)


def read_catalog(profile_path: Path | None) -> Catalog:
    """The catalogue: what is installed, and what the profile defines, whatever else is in it."""
    from superset_crmkpi.catalogue.reader import load_catalog
    from superset_crmkpi.project.load import load_folders

    usual = Path("crmkpi.yaml")
    path = profile_path or (usual if usual.is_file() else None)
    return load_catalog(load_folders(path) if path else None)


def format_option(command: F) -> F:
    """`--format text|json`."""
    return click.option(
        "--format",
        "output",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
    )(command)


def edits_options(command: F) -> F:
    """`--take theirs|ours|copy` and `--restore`: what becomes of people's edits in Superset."""
    take = click.option(
        "--take",
        type=click.Choice(["theirs", "ours", "copy"]),
        default="theirs",
        show_default=True,
        help="Whose change counts where people in Superset and this version changed the same; "
        "`copy` takes ours and keeps theirs beside it.",
    )
    restore = click.option(
        "--restore", is_flag=True, help="Bring back what people deleted in Superset."
    )
    return take(restore(command))


def print_json(content: Any) -> None:
    click.echo(json.dumps(content, indent=2, default=str))


def print_mistakes(mistakes: Sequence[Mistake]) -> None:
    """A line each on stderr: `Error: ...` or `Warning: ...`."""
    for mistake in mistakes:
        click.echo(f"{'Error' if mistake.is_error else 'Warning'}: {mistake.line}", err=True)


@contextmanager
def working(first: str) -> Iterator[Callable[[str], None]]:
    """A line on stderr that says what is being done; the body gets a function to change it.

    Where stderr is no terminal, such as in a log, a new line every few seconds, and
    none for what is done before.
    """
    from rich.console import Console

    console = Console(stderr=True)
    # what is logged would run into the spinner
    if not console.is_terminal or logging.getLogger(NAME).isEnabledFor(logging.INFO):
        late = threading.Timer(LOG_SECONDS, click.echo, (first,), {"err": True})
        late.daemon = True
        late.start()
        try:
            yield _lines()
        finally:
            late.cancel()
        return
    with console.status(first) as status:
        yield status.update


def _lines() -> Callable[[str], None]:
    begun = said = time.monotonic()

    def say(text: str) -> None:
        nonlocal said
        if time.monotonic() - said >= LOG_SECONDS:
            said = time.monotonic()
            click.echo(f"{said - begun:6.0f} s  {text}", err=True)

    return say


def not_fired_here(bundle: Bundle) -> list[str]:
    """Why alerts of the bundle would not be sent by the Superset whose command this is; else none.

    `crmkpi` alone knows no Superset, and `superset crmkpi` does.
    """
    from superset_crmkpi.superset.inprocess import open_gateway, within_superset

    alerts = [content for _, content in bundle.of("alerts")]
    if not alerts or not within_superset():
        return []
    with open_gateway() as gateway:
        return gateway.why_not_fired(alerts)


def untold(project: Project, gateway: Gateway, bundle: Bundle) -> list[str]:
    """Why alerts of a profile would reach nobody; a warning each on stderr, for `plan` too."""
    if project.alerts is None:
        return []
    alerts = [content for _, content in bundle.of("alerts")]
    lines = [*project.alerts.notes, *gateway.why_not_fired(alerts)]
    for line in lines:
        click.echo(f"Warning: {line}", err=True)
    return lines


@contextmanager
def open_project(chosen: Chosen, gateway: Reached | None = None) -> Iterator[Project]:
    """The project of a profile, its warehouse reached and its schemas there.

    `gateway` gives the warehouse of a profile that only names a connection of Superset.
    Raises CrmKpiError with the profile's name in front.
    """
    from superset_crmkpi.base.errors import CrmKpiError
    from superset_crmkpi.project.project import Project

    profile = chosen.load()
    try:
        by_name = gateway is not None and profile.database.uri is None
        engine = gateway.warehouse(profile.database.name) if gateway and by_name else None
        project = Project(profile, engine)
        _ = project.snapshot
    except CrmKpiError as error:
        raise CrmKpiError(f"{chosen.path.name}: {error.message}") from error
    try:
        yield project
    finally:
        project.engine.dispose()

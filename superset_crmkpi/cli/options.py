"""What several commands share: the profile option, output formats, a spinner."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def profile_option(command: F) -> F:
    """`--profile crmkpi.yaml`."""
    return click.option(
        "--profile",
        "profile_path",
        type=click.Path(path_type=Path, dir_okay=False),
        default=Path("crmkpi.yaml"),
        show_default=True,
        help="The profile.",
    )(command)


def format_option(command: F) -> F:
    """`--format text|json`."""
    return click.option(
        "--format",
        "output",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
    )(command)


def print_json(content: Any) -> None:
    click.echo(json.dumps(content, indent=2, default=str))


@contextmanager
def working(first: str) -> Iterator[Callable[[str], None]]:
    """A line on stderr that says what is being done; the body gets a function to change it."""
    from rich.console import Console

    console = Console(stderr=True)
    with console.status(first) as status:
        yield status.update

"""`-v` and `--debug`: what is logged goes to stderr, without secrets."""

from __future__ import annotations

import logging
import traceback
from typing import Any

import click

from superset_crmkpi.base.logs import NAME

_logger = logging.getLogger(__name__)


class _ToStderr(logging.Handler):
    """Warnings as people read them; the rest with its time and logger."""

    def emit(self, record: logging.LogRecord) -> None:
        from superset_crmkpi.base.secrets import without_secrets

        try:
            text = without_secrets(self.format(record))
            click.echo(text, err=True)
        except Exception:
            self.handleError(record)


class _Form(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        if record.levelno >= logging.WARNING:
            return f"{record.levelname.capitalize()}: {super().format(record)}"
        place = record.name.removeprefix(f"{NAME}.")
        return f"{record.relativeCreated / 1000:8.2f} s  {place}: {super().format(record)}"


def log_to_stderr(context: click.Context, level: int) -> None:
    """Until the command ends; what stands around it (Superset) hears nothing of it."""
    logger = logging.getLogger(NAME)
    handler = _ToStderr()
    handler.setFormatter(_Form())
    before: tuple[Any, ...] = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(level)
    logger.propagate = False

    def restore() -> None:
        logger.removeHandler(handler)
        logger.level, logger.propagate = before
        logger.setLevel(before[0])

    context.call_on_close(restore)


def debugging() -> bool:
    return logging.getLogger(NAME).isEnabledFor(logging.DEBUG)


def told(error: Exception) -> click.ClickException:
    """What the user is told of an error that no command expected; a traceback under --debug."""
    from superset_crmkpi.base.bugs import EXIT_CODE, bug_in
    from superset_crmkpi.base.errors import CrmKpiError
    from superset_crmkpi.base.secrets import without_secrets

    said = " ".join(str(error).split())
    package = bug_in(error)
    if package is None:
        message = said or type(error).__name__
        return CrmKpiError(without_secrets(message))
    again = "report it" if debugging() else "run again with --debug and report it"
    text = f"bug in {package}: {type(error).__name__}: {said}; {again}"
    found = CrmKpiError(without_secrets(text))
    found.exit_code = EXIT_CODE
    return found


def show_traceback(error: BaseException) -> None:
    """Under --debug."""
    if debugging():
        lines = traceback.format_exception(type(error), error, error.__traceback__)
        _logger.debug("%s", "".join(lines).rstrip())

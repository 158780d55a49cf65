"""Superset's errors as one line: it wraps the reason in several layers, we unwrap them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from superset_crmkpi.base.bugs import OURS, bug_in
from superset_crmkpi.base.errors import CrmKpiError
from superset_crmkpi.base.logs import timed

logger = logging.getLogger(__name__)


def reason(error: BaseException) -> str:
    """What was really wrong, on one line."""
    seen: list[str] = []
    current: BaseException | None = error
    while current is not None:
        text = " ".join(_text(current).split())
        if text and text not in seen:
            seen.append(text)
        current = current.__cause__ or current.__context__
    # The innermost comes last and says most; the outermost says what was being done.
    return seen[-1] if seen else type(error).__name__


def raise_bug(error: Exception) -> None:
    """Raise an error that is a bug of ours, and not Superset's or the database's."""
    if bug_in(error) == OURS:
        raise error


def _text(error: BaseException) -> str:
    normalized = getattr(error, "normalized_messages", None)
    if callable(normalized):
        return "; ".join(_flat(normalized()))
    if isinstance(error, KeyError):
        return f"it looked for {error} and found none"  # Python says no more than the key
    message = getattr(error, "message", None)
    return str(message or error)


def _flat(messages: Any, path: str = "") -> list[str]:
    if isinstance(messages, dict):
        return [
            line
            for key, value in messages.items()
            for line in _flat(value, f"{path}: {key}" if path else str(key))
        ]
    if isinstance(messages, (list, tuple)):
        return [line for value in messages for line in _flat(value, path)]
    return [f"{path}: {messages}" if path else str(messages)]


@contextmanager
def one_line(doing: str) -> Iterator[None]:
    """Turn any error of Superset's into a CrmKpiError: what was being done, and why it failed.

    A bug of ours stays what it is: the command line says so.
    """
    try:
        with timed(logger, doing):
            yield
    except CrmKpiError:
        raise
    except Exception as error:
        raise_bug(error)
        raise CrmKpiError(f"{doing}: {reason(error)}") from error

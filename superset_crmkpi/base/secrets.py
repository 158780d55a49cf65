"""Database URIs whose secrets come from the environment, never from a file."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from superset_crmkpi.base.errors import CrmKpiError

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def check_written_uri(uri: str) -> None:
    """Raise ValueError for a URI of a file that is none, or that holds a secret."""
    if not _VARIABLE.search(uri):
        check_uri(uri)
    elif re.search(r"://[^:/@]+:(?!\$\{)[^@]+@", uri):
        raise ValueError("a password stands in clear text; write ${VARIABLE} in its place")


def check_uri(uri: str) -> None:
    """Raise ValueError for what is no SQLAlchemy URI, or holds a password in clear text."""
    try:
        url = make_url(uri)
    except (ArgumentError, ValueError) as error:
        raise ValueError("is not a database URI as dialect://user@host:port/database") from error
    secret_in_query = any(re.search("pass|token|secret|key", name, re.I) for name in url.query)
    if url.password or secret_in_query:
        raise ValueError(
            "a secret stands in clear text; put it in the environment and write ${VARIABLE}"
        )


def expand_uri(uri: str, environment: Mapping[str, str] | None = None) -> str:
    """The URI with `${VARIABLE}` from the environment. CrmKpiError when one is not set."""
    values = os.environ if environment is None else environment

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            raise CrmKpiError(f"`{uri}`: the environment variable {name} is not set; export it")
        return values[name]

    if not _VARIABLE.search(uri):
        try:
            check_uri(uri)
        except ValueError as error:
            raise CrmKpiError(f"database URI: {error}") from error
    return _VARIABLE.sub(value, uri)

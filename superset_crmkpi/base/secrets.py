"""Database URIs whose secrets come from the environment, never from a file."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from superset_crmkpi.base.errors import CrmKpiError

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SECRET = re.compile("pass|token|secret|key", re.IGNORECASE)
_BEFORE_A_PASSWORD = re.compile("://[^:/@?]*:[^/@?]*$")
#: what SQLAlchemy and Superset show in place of a password
MASK = "XXXXXXXXXX"
#: characters of a secret that is looked for in logs
SHORTEST = 4
#: secrets that were put into URIs, for `without_secrets`
_known: set[str] = set()


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
    secret_in_query = any(_SECRET.search(name) for name in url.query)
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
        if _BEFORE_A_PASSWORD.search(uri[: match.start()]) or _SECRET.search(name):
            remember_secret(values[name])
        return values[name]

    if not _VARIABLE.search(uri):
        try:
            check_uri(uri)
        except ValueError as error:
            raise CrmKpiError(f"database URI: {error}") from error
    full = _VARIABLE.sub(value, uri)
    remember_secrets(full)
    return full


def remember_secrets(uri: str) -> None:
    """Keep the password of a URI, and what is secret in its query, out of the logs."""
    try:
        url = make_url(uri)
    except (ArgumentError, ValueError):
        return remember_secret(uri)  # no URI: who knows what in it is secret
    if url.password:
        remember_secret(str(url.password))
    for name, value in url.query.items():
        if _SECRET.search(name):
            for one in [value] if isinstance(value, str) else value:
                remember_secret(one)
    return None


def remember_secret(secret: str) -> None:
    """Keep a secret out of the logs: as it is, and as URIs write and read it."""
    forms = {secret, quote(secret), quote_plus(secret), unquote(secret), unquote_plus(secret)}
    # a shorter one is in many a word, and could be read out of what is left of them
    _known.update(form for form in forms if len(form) >= SHORTEST)


def without_secrets(text: str) -> str:
    """A text for a log: what was a secret in a URI of this process is `***` in it."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text

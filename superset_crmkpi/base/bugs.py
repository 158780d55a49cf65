"""Whose an error is: a bug of ours (or of a plugin), or something of the user's world.

Of the user's world is what Superset, a database, the file system or a library that reads what the
user wrote says by an error of its own kind. A plain `AttributeError` says nothing of the user's:
there the place where it arose tells whose bug it is.
"""

from __future__ import annotations

import sqlite3
import sys
from traceback import walk_tb

import click

OURS = "superset-crmkpi"
#: exit code of a bug, as of `sysexits.h`
EXIT_CODE = 70
#: libraries that we call: a plain error that arises in one is the bug of whoever called it
_TOOLS = frozenset(
    {"sqlglot", "pluggy", "pandas", "numpy", "rich", "click", "pydantic", "pydantic_core", "yaml"}
    | {"sqlalchemy", "duckdb", "duckdb_engine", "dateutil"}
)
#: errors of theirs mean that our SQL, or our hooks, are wrong
_OUR_KINDS = frozenset({"superset_crmkpi", "sqlglot", "pluggy"})
_WORLD = (OSError, sqlite3.Error, ImportError)


def bug_in(error: BaseException) -> str | None:
    """The package whose bug an error is; None for what is of the user's world."""
    if isinstance(error, ImportError) and str(error.name).startswith("superset_crmkpi"):
        return OURS
    if isinstance(error, (click.ClickException, *_WORLD)):
        return None
    kind = type(error).__module__.partition(".")[0]
    if kind not in sys.stdlib_module_names and kind not in _OUR_KINDS:
        return None
    for frame, _ in reversed(list(walk_tb(error.__traceback__))):
        place = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if place == "superset_crmkpi":
            return OURS
        if place and place not in _TOOLS and place not in sys.stdlib_module_names:
            return None if _of_superset(place) else place.replace("_", "-")
    return OURS


def _of_superset(place: str) -> bool:
    return place in ("superset", "marshmallow", "celery", "alembic", "werkzeug", "jinja2") or (
        place.startswith("flask")
    )

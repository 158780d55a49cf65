"""Where `sql/` and `dashboards/` lie: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def data_dir(name: str) -> Path:
    """The folder `name` ("sql" or "dashboards") of this installation."""
    packaged = _PACKAGE / "_data" / name
    return packaged if packaged.is_dir() else _PACKAGE.parent / name


#: whether this is an installed package, and not a checkout
PACKAGED = (_PACKAGE / "_data").is_dir()
SQL = data_dir("sql")
DASHBOARDS = data_dir("dashboards")

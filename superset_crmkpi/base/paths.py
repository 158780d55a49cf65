"""Where `sql/` and `dashboards/` lie: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]

#: whether this is an installed package, and not a checkout
PACKAGED = (_PACKAGE / "_data").is_dir()
#: the folder that holds both
HOME = _PACKAGE / "_data" if PACKAGED else _PACKAGE.parent
SQL = HOME / "sql"
DASHBOARDS = HOME / "dashboards"

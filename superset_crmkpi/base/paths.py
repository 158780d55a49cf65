"""Where `sql/` and `dashboards/` lie: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
_PACKAGED = _PACKAGE / "_data"

#: the folder that holds both
HOME = _PACKAGED if _PACKAGED.is_dir() else _PACKAGE.parent
SQL = HOME / "sql"
DASHBOARDS = HOME / "dashboards"

"""The calendars, read from `sql/calendar`: relations as the entities are, with types of their own.

They are the only place with date functions and with today's date.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from superset_crmkpi.base.paths import SQL
from superset_crmkpi.base.sqlfile import SqlFile, read_sql_files
from superset_crmkpi.base.types import Type

#: columns that are no whole numbers
_TYPES: Mapping[str, Type] = {
    "date_day": "date",
    "week_start": "date",
    "month_start": "date",
    "quarter_start": "date",
    "year_start": "date",
    "fiscal_quarter_start": "date",
    "fiscal_year_start": "date",
    "schedule": "text",
}


@lru_cache(maxsize=4)
def load_calendars(folder: Path = SQL / "calendar") -> dict[str, SqlFile]:
    """Calendars by name."""
    return {file.name: file for file in read_sql_files(folder)}


def calendar_types(file: SqlFile) -> dict[str, Type]:
    """Column to type."""
    names = [str(name) for name in file.query().named_selects]
    return {name: _TYPES.get(name, "bigint") for name in names}

"""The rows of a metadata database of Superset, and which of them have to be equal when."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Any

from superset_crmkpi.superset.bootstrap import superset_version

Rows = dict[str, list[dict[str, Any]]]
#: who did something when
STAMPS = ("changed_on", "created_on", "changed_by_fk", "last_saved_at", "last_saved_by_fk")
#: the kinds of permission (such as datasource_access) are words that Superset adds when first
#: needed and keeps
WORDS = "ab_permission"
#: Before 6.1 Superset's import of dashboards inserts the charts it links anew even when there are
#: none, and SQLAlchemy takes an empty list for one row of nulls. Nothing reads it, and no route of
#: Superset's takes it away.
BLANK = {"dashboard_slices": ("dashboard_id", "slice_id")}
LEAVES_BLANKS = (superset_version() or "").startswith(("4.", "5.", "6.0."))


def all_of(metadata: Path, without: Collection[str] = ()) -> Rows:
    """Every row of every table, but of some tables, and but `BLANK` ones of Superset's own."""
    with closing(sqlite3.connect(metadata)) as connection:
        connection.row_factory = sqlite3.Row
        tables = connection.execute("select name from sqlite_master where type = 'table'")
        return {
            name: sorted(
                (
                    dict(row)
                    for row in connection.execute(f'select * from "{name}"')
                    if not _is_blank(name, row)
                ),
                key=repr,
            )
            for (name,) in tables.fetchall()
            if name not in without
        }


def _is_blank(table: str, row: sqlite3.Row) -> bool:
    return LEAVES_BLANKS and table in BLANK and all(row[key] is None for key in BLANK[table])


def undone(rows: Rows) -> Rows:
    """Without what stays when something was written and undone."""
    return {
        table: sorted(
            ({key: row[key] for key in row if key not in STAMPS} for row in found), key=repr
        )
        for table, found in rows.items()
        if table != WORDS
    }

"""The rows of a metadata database of Superset, and which of them have to be equal when."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Any

Rows = dict[str, list[dict[str, Any]]]
#: who did something when
STAMPS = ("changed_on", "created_on", "changed_by_fk", "last_saved_at", "last_saved_by_fk")
#: the kinds of permission (such as datasource_access) are words that Superset adds when first
#: needed and keeps
WORDS = "ab_permission"


def all_of(metadata: Path, without: Collection[str] = ()) -> Rows:
    """Every row of every table, but of some tables."""
    with closing(sqlite3.connect(metadata)) as connection:
        connection.row_factory = sqlite3.Row
        tables = connection.execute("select name from sqlite_master where type = 'table'")
        return {
            name: sorted(map(dict, connection.execute(f'select * from "{name}"')), key=repr)
            for (name,) in tables.fetchall()
            if name not in without
        }


def undone(rows: Rows) -> Rows:
    """Without what stays when something was written and undone."""
    return {
        table: sorted(
            ({key: row[key] for key in row if key not in STAMPS} for row in found), key=repr
        )
        for table, found in rows.items()
        if table != WORDS
    }

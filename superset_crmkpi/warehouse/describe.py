"""The columns of a query and their kinds, as the warehouse itself tells them: on no rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from superset_crmkpi.base.types import Kind, kind_named
from superset_crmkpi.dialects import dialect_of
from superset_crmkpi.warehouse.connect import executed

#: a column, and its kind; None where the engine does not tell it
Described = list[tuple[str, Kind | None]]

#: type codes of the protocol of MySQL and MariaDB
_MYSQL: dict[int, Kind] = {
    **dict.fromkeys((1, 2, 3, 8, 9, 13), "integer"),
    **dict.fromkeys((0, 4, 5, 246), "number"),
    **dict.fromkeys((15, 249, 250, 251, 252, 253, 254, 247, 248), "text"),
    **dict.fromkeys((7, 12, 17, 18), "timestamp"),
    **dict.fromkeys((10, 14), "date"),
    **dict.fromkeys((11, 16, 19, 245, 255), "other"),
}


class CannotDescribe(Exception):
    """What the warehouse says against a query: its first line."""


def described(connection: Connection, text: str) -> Described:
    """Columns of the query `text`, in their order. Raises CannotDescribe."""
    dialect = dialect_of(connection.engine.name)
    ask = _ASKING.get(dialect, _by_cursor)
    try:
        with connection.begin():
            return ask(connection, text, dialect)
    except SQLAlchemyError as error:
        raise CannotDescribe(reason(error)) from error
    except Exception as error:  # drivers raise errors of their own while rows are fetched
        raise CannotDescribe(reason(error)) from error


def reason(error: Exception) -> str:
    """The first line of what the warehouse said, without the driver's words around it."""
    origin = getattr(error, "orig", None) or error
    code, *rest = getattr(origin, "args", None) or (None,)
    said = rest[0] if isinstance(code, int) and rest else origin  # (1054, "Unknown column ...")
    return (str(said).strip().splitlines() or [type(origin).__name__])[0]


def _describe(connection: Connection, text: str, dialect: str) -> Described:
    rows = executed(connection, f"describe {text}\n")
    return [(str(row[0]), kind_named(str(row[1]).strip('"'), dialect)) for row in rows]


def _describe_table(connection: Connection, text: str, dialect: str) -> Described:
    rows = executed(connection, f"describe table ({text}\n)")
    return [(str(row[0]), kind_named(str(row[1]), dialect)) for row in rows]


def _columns(connection: Connection, text: str) -> Sequence[Any]:
    result = executed(connection, f"select * from ({text}\n) as crm_select limit 0")
    return list(result.cursor.description)


def _by_oid(connection: Connection, text: str, dialect: str) -> Described:
    columns = _columns(connection, text)
    oids = sorted({int(column[1]) for column in columns})
    query = sa.text("select oid, format_type(oid, null) from pg_type where oid in :oids")
    asked = query.bindparams(sa.bindparam("oids", expanding=True))
    names = {int(row[0]): str(row[1]) for row in connection.execute(asked, {"oids": oids})}
    return [(c[0], kind_named(names.get(int(c[1]), ""), dialect)) for c in columns]


def _by_code(connection: Connection, text: str, dialect: str) -> Described:
    return [(c[0], _MYSQL.get(c[1])) for c in _columns(connection, text)]


def _by_cursor(connection: Connection, text: str, dialect: str) -> Described:
    return [
        (c[0].rpartition(".")[2], kind_named(c[1], dialect) if isinstance(c[1], str) else None)
        for c in _columns(connection, text)
    ]


_ASKING = {
    "clickhouse": _describe_table,
    "duckdb": _describe,
    "mysql": _by_code,
    "postgres": _by_oid,
}
